"""Sentences about mailboxes, which the worker leaves on a mailbox, a mail or a reply; a page shows them in the reader's language.

Each is a msgid with `{}` where a value stands. A value that ends in a full stop is a sentence of its own; one of `PARTS` is
translated within its sentence.
"""

from web.translation import N_

SENTENCES: tuple[str, ...] = (
    # where secrets are kept
    N_('There is no secret {} in {}. Add a line `{} = "…"` to that file.'),
    N_(
        "There is no keyring here that can be used: none is installed, or it is locked. Unlock it for the account that the worker runs as, or keep the secret in the environment (`env:NAME`) or in a secrets file (`file:KEY`)."
    ),
    N_("There is no secret in the environment variable {}. Set it where the worker starts and start it again."),
    N_("There is no secret {} in the keyring. Put it there: inbox-agent mailbox secret {}"),
    N_(
        "The option {} says where a secret is kept: `env:NAME` (environment variable), `file:KEY` (key of the secrets file) or `keyring:NAME`, never the secret itself. Correct it."
    ),
    N_(
        "The secret file:{} needs a secrets file, and none is set. Set INBOX_AGENT_SECRETS_FILE to a TOML file that only its owner can read."
    ),
    N_('The secret {} in {} is not a text. Write `{} = "…"` with quotes.'),
    N_("The secrets file {} can be read by others than its owner. Run: chmod 600 {}"),
    N_("The secrets file {} cannot be read ({}). Correct INBOX_AGENT_SECRETS_FILE or the file."),
    N_('The secrets file {} is not valid TOML. Write one `name = "secret"` a line.'),
    # a connection with a mail server
    N_(
        "The {} offers no STARTTLS on port {} (mailbox {}), and nothing is sent unencrypted. Set security to `implicit` with the port for it (993, 465), or ask the administrator."
    ),
    N_("There is no folder {} in mailbox {} on {}. There are: {}. Correct the option folders or sent_folder."),
    N_("The certificate of the {} (mailbox {}) is not accepted ({}). Ask the server's administrator."),
    N_("The {} refused to go on with mailbox {}: {}. It is tried again; ask its administrator when it stays so."),
    N_(
        "The {} answered something that is no IMAP (mailbox {}). It is tried again; ask its administrator when it stays so."
    ),
    N_(
        "The {} does not speak TLS on port {} (mailbox {}). Check port and security: `implicit` is usual on 993 and 465, `starttls` on 143 and 587."
    ),
    N_(
        "The {} refuses the folder {} of mailbox {}: {}. Give its account the rights to that folder, or take it out of the options."
    ),
    N_("The certificate of the {} (mailbox {}) has expired. Have it renewed by the server's administrator."),
    N_("The certificate of the {} (mailbox {}) is not valid yet. Check the clock of this machine."),
    N_(
        "The certificate of the {} (mailbox {}) is for another host name. Use the name that is in the certificate as host."
    ),
    N_(
        "The certificate of the {} (mailbox {}) is self-signed. If it is meant to be, put it in a file and name that in the option ca_file."
    ),
    N_(
        "The certificate of the {} (mailbox {}) comes from an unknown authority. If it is your own, name its certificate file in the option ca_file."
    ),
    N_("The folder {} of mailbox {} was replaced while it was listed. It is listed again at the next comparison."),
    # signing in to a mail server
    N_(
        "The {} refused the token of mailbox {}, a new one too. Check that {} is the mailbox's address, and that whoever signed in may open it."
    ),
    N_(
        "The {} offers no sign-in with tokens (XOAUTH2; mailbox {}). Check the host, or set the option auth to password."
    ),
    N_(
        "Exchange Online does not let mailbox {} send by SMTP. Have an administrator run: Set-CASMailbox -Identity {} -SmtpClientAuthenticationDisabled $false"
    ),
    N_(
        "Exchange Online accepted the sign-in of mailbox {}, but does not open {} with it. Have an administrator give the application, or whoever signed in, full access to it (Add-MailboxPermission -AccessRights FullAccess) and switch IMAP on for it (Set-CASMailbox -ImapEnabled $true)."
    ),
    N_(
        "Google takes no ordinary password for mailbox {}. Make an app password for {}, or set the option auth to oauth_google."
    ),
    N_("IMAP is switched off for mailbox {}. Have it switched on for {} by the server's administrator."),
    N_(
        "Exchange Online refused the password of mailbox {}: it takes none any more, only tokens. Set the option auth to oauth_microsoft, or add the mailbox with the kind graph."
    ),
    N_(
        "The {} refused the user name or password of mailbox {}. Check the user name {} and the password in {}, and try again."
    ),
    N_(
        "Exchange Online refused the token of mailbox {}, a new one too. Check that {} is the mailbox's address; that an administrator consented to IMAP.AccessAsApp and SMTP.SendAsApp (for a person: IMAP.AccessAsUser.All and SMTP.Send); and that the application, or the person, has full access to the mailbox."
    ),
    # signing in at Microsoft
    N_("Nobody has signed in for mailbox {} yet. Do so once: inbox-agent mailbox sign-in {}"),
    N_(
        "{} signed in, but mailbox {} is to be read as {}. Sign in again as that account, or correct the option oauth.account."
    ),
    N_(
        "The sign-in server {} knows no tenant {} (mailbox {}). Correct the option oauth.tenant: the directory's id, or a domain of yours."
    ),
    N_(
        "The key in {} is no RSA key, or belongs to another certificate. Microsoft asks for an RSA key of 2048 bits or more."
    ),
    N_("The certificate {} can be read by others than its owner. Run: chmod 600 {}"),
    N_("The certificate {} cannot be read ({}). Correct the option oauth.certificate."),
    N_(
        "The file {} does not hold a private key and a certificate that can be read. It needs both, in PEM, and the option oauth.certificate_password if the key is encrypted."
    ),
    N_(
        "Microsoft refused the client secret of mailbox {} ({}). Give the secret's value, not its id, as it was shown when it was made; or make a new one in the app registration."
    ),
    N_(
        "The client secret of mailbox {} has expired ({}). Make a new one in the app registration at Microsoft, put its value where the old one is kept, and start the worker again."
    ),
    N_(
        "Microsoft refused the certificate of mailbox {} ({}): it has expired, or is not the one in the app registration. Upload the present one there, under Certificates & secrets."
    ),
    N_(
        "Microsoft does not know the application of mailbox {} in this tenant ({}). Check the options oauth.client_id and oauth.tenant."
    ),
    N_(
        "Microsoft does not know the tenant of mailbox {} ({}). Correct the option oauth.tenant: the directory's id, or a domain of yours."
    ),
    N_(
        "The tenant of mailbox {} does not have the service that is asked for ({}): Exchange Online is not set up there, or oauth.tenant is another organisation's. Check the option oauth.tenant."
    ),
    N_(
        "Nobody has consented to what the application of mailbox {} asks for ({}). Have an administrator grant consent under API permissions of the app registration."
    ),
    N_(
        "Whoever signed in for mailbox {} is not assigned to the application ({}). Have an administrator assign that account under Enterprise applications."
    ),
    N_(
        "The application of mailbox {} may not be signed in to with a code ({}). Switch on Allow public client flows in its app registration, or give it a secret or a certificate."
    ),
    N_(
        "The sign-in of mailbox {} ended because it was not used for 90 days ({}). Sign in again: inbox-agent mailbox sign-in {}"
    ),
    N_("The sign-in of mailbox {} has expired ({}). Sign in again: inbox-agent mailbox sign-in {}"),
    N_(
        "The sign-in of mailbox {} was revoked, as by a new password ({}). Sign in again: inbox-agent mailbox sign-in {}"
    ),
    N_(
        "Microsoft asks for a second factor for mailbox {} ({}). Sign in again, with it: inbox-agent mailbox sign-in {}"
    ),
    N_(
        "Microsoft asks the account of mailbox {} to set up a second factor ({}). Set it up, then sign in again: inbox-agent mailbox sign-in {}"
    ),
    N_("The second factor of mailbox {} has to be shown again ({}). Sign in again: inbox-agent mailbox sign-in {}"),
    N_(
        "The account that reads mailbox {} is disabled ({}). Have an administrator enable it, or sign in with another: inbox-agent mailbox sign-in {}"
    ),
    N_(
        "The account that reads mailbox {} does not exist in this tenant ({}). Check the options oauth.account and oauth.tenant."
    ),
    N_(
        "A rule of Conditional Access blocks the sign-in of mailbox {} ({}). Have an administrator let this application through, or this machine's network."
    ),
    N_(
        "A rule of Conditional Access forbids sign-in with a code for mailbox {} ({}). Have an administrator allow the device code flow for it, or give the application a secret or a certificate."
    ),
    N_("Nobody signed in for mailbox {} before the code ran out. Start it again: inbox-agent mailbox sign-in {}"),
    N_("Microsoft refused the sign-in of mailbox {} ({}). Show this to the administrator of Microsoft 365."),
    N_("Microsoft's sign-in does not work right now (mailbox {}). It is tried again; nothing has to be done."),
    # signing in at Google
    N_("Google's sign-in does not work right now (mailbox {}). It is tried again; nothing has to be done."),
    N_("That address holds no sign-in of mailbox {}. Start again: inbox-agent mailbox sign-in {}"),
    N_("The key file {} can be read by others than its owner. Run: chmod 600 {}"),
    N_("The key file {} cannot be read ({}). Correct the option oauth.service_account."),
    N_("The file {} is no key of a Google service account. Download one as JSON from the Google Cloud console."),
    N_(
        "Google ended the sign-in of mailbox {}: it was revoked, the password was changed, or the application is still in testing, where it ends after seven days. Sign in again: inbox-agent mailbox sign-in {}"
    ),
    N_(
        "Google refused the client secret of mailbox {}. Check the option oauth.client_id and the secret that oauth.secret points to."
    ),
    N_(
        "The application of mailbox {} was deleted at Google. Make a new one of the type Desktop app, and correct oauth.client_id and oauth.secret."
    ),
    N_(
        "The service account of mailbox {} may not act for this domain. Have an administrator of Google Workspace add its client id under Domain-wide delegation, with the scope https://mail.google.com/."
    ),
    N_("The sign-in for mailbox {} was declined in the browser. Start it again: inbox-agent mailbox sign-in {}"),
    N_(
        "A rule of Google Workspace does not let the application of mailbox {} in. Have an administrator allow it under API controls."
    ),
    N_("Google refused the sign-in of mailbox {} ({}). Show this to the administrator of Google Workspace."),
    # what is kept of a sign-in
    N_("The kept sign-in {} cannot be read or written ({}). Correct its owner and permissions."),
    N_("The key in {} has less than {} characters. Make a random one: openssl rand -base64 32"),
    N_(
        "The kept sign-in of mailbox {} cannot be decrypted: the file is damaged, or the key is another one. Bring the key back (setting token_key), or sign in again: inbox-agent mailbox sign-in {}"
    ),
    N_("The key {} can be read by others than its owner. Run: chmod 600 {}"),
    # Microsoft 365
    N_("Microsoft 365 gave no clear answer for mailbox {}."),
    N_("Microsoft 365 says not how to go on in folder {} of mailbox {}. It is tried again."),
    N_(
        "Microsoft 365 answered with a link that leads elsewhere (mailbox {}). It is tried again; check the option base_url when it stays so."
    ),
    N_("Microsoft 365 asks mailbox {} to wait (status {}). It takes requests again in a while."),
    N_(
        "Microsoft 365 refuses the sign-in of mailbox {}, also with a new token. Run `inbox-agent mailbox check {}`: it says what an administrator must grant."
    ),
    N_("Microsoft 365 named an unencrypted address for an attachment. Nothing was sent there."),
    N_("Microsoft 365 answered something that is no JSON object (mailbox {}). It is tried again."),
    N_(
        "Microsoft 365 does not let the application open mailbox {}. An administrator must grant it access to this mailbox ({}); a change takes up to two hours to work."
    ),
    N_(
        "Microsoft 365 knows no mailbox {}. Check the option mailbox; it must be the address of a mailbox in Exchange Online."
    ),
    N_("Mailbox {} is full, so Microsoft 365 takes nothing more into it. Make room or have its quota raised."),
    N_(
        "An application access policy of Exchange Online keeps the application out of mailbox {}. An administrator must add the mailbox to the policy's group ({}); a change takes about an hour to work."
    ),
    N_(
        "Mailbox {} cannot be reached through Microsoft Graph: it lies on a server of your own, has no licence, or is switched off. Ask the Exchange administrator to move it to Exchange Online or to switch it on."
    ),
    N_(
        "Microsoft 365 does not let the application send as {}. An administrator must grant Send As on this mailbox to the account that signed in, or the application role Mail.Send ({})."
    ),
    N_(
        "Microsoft 365 lets the account send neither as {} nor on its behalf. An administrator must grant Send As on this mailbox ({})."
    ),
    N_("The store of mailbox {} is being moved or repaired by Microsoft 365. It is tried again by itself."),
    N_(
        "The message is larger than Microsoft 365 allows for mailbox {}. Leave an attachment out or have the limit raised."
    ),
    N_(
        "Mailbox {} has sent as many mails as Microsoft 365 allows it in a day. Send it again tomorrow, or ask the administrator."
    ),
    N_("Microsoft 365 takes one of the reply's addresses for none. Correct the addresses and approve it again."),
    N_("Microsoft 365 has trouble with mailbox {} at the moment. It is tried again by itself."),
    N_(
        "Microsoft 365 refused a request for mailbox {}: {}. Run `inbox-agent mailbox check` for this mailbox, and ask its administrator when it stays so."
    ),
    N_(
        "There is no folder {} in mailbox {}. There are: {}. Correct the option folders; a folder in a folder is written as `Inbox/Name`."
    ),
    N_(
        "Microsoft 365 finds no folder {} in the mailbox. Open the mailbox once in Outlook, or correct the option folders."
    ),
    N_("Microsoft 365 lists this mail but does not deliver it, also when asked again. Open it in the mail program."),
    N_("This mail is larger than {} MB; such mails are not read. Open it in the mail program."),
    N_("The option mailbox must be the address of a mailbox, as in debiteuren@firma.example."),
    N_("The option base_url must begin with https://, as in https://graph.microsoft.com/v1.0."),
    N_("The reply's text is too large for Microsoft 365. Nothing was sent; shorten it."),
    N_("{} Nothing was sent."),
    N_("{} Nobody knows whether the reply left. Look among the sent mail of mailbox {}."),
    N_("Microsoft 365 made no draft of the reply."),
    # folders of files
    N_("The folder {} cannot be read ({}). Correct its permissions."),
    N_("There is no folder {}. Create it or correct the option path of the mailbox."),
    N_("The reply could not be written to {} ({}). Make room or correct the permissions, and approve it again."),
    N_("The file {} in {} cannot be read ({}). Give the worker's account read permission."),
    # mails that cannot be read
    N_("The mail server lists this mail but does not deliver it, also when asked again. Open it in the mail program."),
    N_("This mail is empty: the mailbox gave no bytes for it."),
    N_("This mail cannot be read ({}). Read it in the mailbox itself."),
    # sending
    N_(
        "The {} does not let {} send as {}. Have an administrator grant Send As on that mailbox to whoever signs in. Nothing was sent."
    ),
    N_(
        "The {} answered the reply with something unreadable ({}): it may or may not have left. Look in the Sent folder or ask the recipient before sending it again."
    ),
    N_("The reply has no recipient. Add one and approve it again."),
    N_("The {} refused the sender {}: {}. Nothing was sent."),
    N_("The {} refused to deliver to {}. Nothing was sent to anybody; correct the address and approve again."),
    N_("The {} refused the reply: {}. Nothing was sent."),
    N_("{} is not a mail address. Nothing was sent; correct it and approve again."),
    N_("{} The reply was not sent."),
    N_("The {} cannot deliver to addresses with accented letters before the @. Nothing was sent; use another address."),
    N_(
        "The connection with the {} broke after the reply was handed over: it may or may not have left. Look in the Sent folder or ask the recipient before sending it again."
    ),
    N_("It cannot be sent ({})."),
    # options
    N_("Mailbox {} has a password, so nobody signs in for it. Set the option auth first."),
    N_(
        "Mailbox {} signs in by itself, with a secret, a certificate or a key. Nobody has to; see whether it works: inbox-agent mailbox check {}"
    ),
    N_("An application has a secret or a certificate. Take oauth.secret or oauth.certificate away."),
    N_("The option oauth.tenant must be the directory's id, or a domain of yours."),
    N_("The option oauth.{} must be an address that begins with https://."),
    N_("The option {} must be a table of names and values."),
    N_("The option {} is missing. Give it a value."),
    N_("The option {} must be a text in one line."),
    N_("The option {} must be a number from 1 to 65535."),
    N_("The option {} must be true or false."),
    N_("The option {} must be a list of texts, each in one line."),
    N_("The option {} is {}; it must be one of {}."),
    N_("The option {} must be a day, as in 2026-11-24."),
    N_("There is no option {}. There are: {}."),
    N_("Nobody signs in for mailbox {}: mailboxes of the kind {} need no sign-in."),
    N_("There is no mailbox kind {}. There are: {}."),
    N_(
        "The option security is `none` for {}, so its password would travel unencrypted. Set it to `implicit` or `starttls`; `none` is for this machine itself only."
    ),
    N_("The option ca_file names {}, which cannot be read as PEM certificates ({}). Correct the path or the file."),
)

PARTS: tuple[str, ...] = (
    N_("mail server {}"),
    N_("outgoing mail server {}"),
    N_("sign-in server {}"),
    N_("mail server"),
    N_("outgoing mail server"),
    N_("sign-in server"),
    N_("the settings"),
    N_("docs/microsoft365.md says how"),
    N_("no reason given"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("No space left on device"),
    N_("Read-only file system"),
    N_("Network is unreachable"),
    N_("No route to host"),
)
"""What stands within a sentence and is no name."""

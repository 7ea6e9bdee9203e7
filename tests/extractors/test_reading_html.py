"""HTML mail of each program, rendered and read: new text, who is quoted, who is forwarded."""

from datetime import UTC, datetime

import pytest

from extractors.reading import Reading
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.text import MailText, PartKind
from inbox_agent.mailbox.html_text import html_text

RECEIVED = datetime(2025, 3, 12, 9, tzinfo=UTC)
READING = Reading()
AR = Address("ar@kabel.nl", "AR")


def read(html: str, subject: str = "Re: x") -> MailText:
    text = html_text(html)
    return READING.read(Mail(RECEIVED, RECEIVED.date(), Address("jan@deboerbouw.nl", "Jan de Boer"), subject, text))


_OUTLOOK = "<b>Van:</b> AR &lt;ar@kabel.nl&gt;<br><b>Verzonden:</b> maandag 10 maart 2025 09:00<br><b>Aan:</b> Jan<br><b>Onderwerp:</b> Herinnering"

REPLIES = {
    "Outlook on the web": '<div class="elementToProof">Is betaald.</div><div id="Signature"><p>Bev</p><p>Barley Mow - 14 pubs with heart</p></div>'
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    f'<font face="Calibri">{_OUTLOOK}</font></div><div>Graag betalen</div>',
    "Outlook desktop": "<div class=WordSection1><p class=MsoNormal>Is betaald.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
    f"<p class=MsoNormal>{_OUTLOOK}<o:p></o:p></p></div></div><p class=MsoNormal>Graag betalen</p></div>",
    "Outlook for iOS": '<div>Is betaald.</div><div id="ms-outlook-mobile-signature"><div>Outlook voor <a href="https://aka.ms/o0ukef">iOS</a> downloaden</div></div>'
    f'<div id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg"><font>{_OUTLOOK}</font></div>Graag</div>',
    "Gmail": '<div dir="ltr">Is betaald.<div><br></div><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Jan<br>Bouw sinds 1998</div></div>'
    '<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Op ma 10 mrt 2025 om 09:00 schreef AR &lt;<a href="mailto:ar@kabel.nl">ar@kabel.nl</a>&gt;:<br></div>'
    '<blockquote class="gmail_quote" style="border-left:1px solid rgb(204,204,204);padding-left:1ex">Graag betalen</blockquote></div>',
    "Apple Mail": 'Is betaald.<br><div><br><blockquote type="cite"><div>Op 10 mrt. 2025 om 09:00 heeft AR &lt;ar@kabel.nl&gt; het volgende geschreven:</div>'
    '<br class="Apple-interchange-newline"><div>Graag betalen</div></blockquote></div>',
    "iPhone": 'Is betaald.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Verstuurd vanaf mijn iPhone</div><div dir="ltr"><br>'
    '<blockquote type="cite">Op 10 mrt 2025 om 09:00 heeft AR &lt;ar@kabel.nl&gt; het volgende geschreven:<br><br></blockquote></div>'
    '<blockquote type="cite"><div dir="ltr">Graag betalen</div></blockquote>',
    "Thunderbird": '<p>Is betaald.</p><pre class="moz-signature" cols="72">-- \nJan</pre><div class="moz-cite-prefix">Op 10-03-2025 om 09:00 schreef AR &lt;ar@kabel.nl&gt;:<br></div>'
    '<blockquote type="cite" cite="mid:1"><p>Graag betalen</p></blockquote>',
    "Yahoo": '<div>Is betaald.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div><div>Op maandag 10 maart 2025 om 09:00:00 CET schreef AR &lt;ar@kabel.nl&gt;: </div>'
    "<div><br></div><div>Graag betalen</div></div></div>",
    "Zimbra": '<div>Is betaald.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Van: </b>"AR" &lt;ar@kabel.nl&gt;<br><b>Aan: </b>Jan<br>'
    "<b>Verzonden: </b>Maandag 10 maart 2025 09:00:00<br><b>Onderwerp: </b>herinnering<br></div><br><div>Graag betalen</div>",
    "Zoho": '<div>Is betaald.<br></div><div class="zmail_extra"><div id="Zm-_Id_-Sgn1">---- On Mon, 10 Mar 2025 09:00:00 +0100 <b>AR &lt;ar@kabel.nl&gt;</b> wrote ---<br></div>'
    '<blockquote style="margin: 0px;"><div>Pay now</div></blockquote></div>',
    "GMX": '<div>Is betaald.</div><div name="quote" style="border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b>&nbsp;Montag, 10. März 2025 um 09:00 Uhr<br/>'
    '<b>Von:</b>&nbsp;"AR" &lt;ar@kabel.nl&gt;<br/><b>An:</b>&nbsp;jan@x.nl<br/><b>Betreff:</b>&nbsp;Mahnung</div><div>Bitte</div></div>',
    "Proton": '<div>Is betaald.</div><div class="protonmail_signature_block">Sent with Proton Mail secure email.</div><div class="protonmail_quote">'
    'On Monday, 10 March 2025 at 09:00, AR &lt;ar@kabel.nl&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Pay</blockquote></div>',
    "Lotus Notes": "<font>Is betaald.</font><br><br><table width=100%><tr><td>From:&nbsp;&nbsp;<td>AR &lt;ar@kabel.nl&gt;<tr><td>To:<td>jan@x.nl"
    "<tr><td>Date:<td>10-03-2025 09:00<tr><td>Subject:<td>Reminder</table><hr noshade><br><font>Please pay</font>",
    "Exchange with a banner": '<table><tr><td style="background:#ffeb9c"><b>CAUTION:</b> This email originated from outside of the organization. Do not click links.</td></tr></table>'
    f"<p>Is betaald.</p><hr><div>{_OUTLOOK}</div><div>Graag</div>",
}


@pytest.mark.parametrize("html", REPLIES.values(), ids=REPLIES.keys())
def test_reply(html: str) -> None:
    text = read(html)
    assert text.reply_text == "Is betaald."
    assert text.history[0].header
    assert text.history[0].header.sender == AR
    assert "10" in text.history[0].header.sent
    assert text.forwarded_from is None


FORWARDS = {
    "Gmail": '<div dir="ltr">Zie hieronder<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>Van: '
    '<strong class="gmail_sendername">AR</strong> <span dir="auto">&lt;<a href="mailto:ar@kabel.nl">ar@kabel.nl</a>&gt;</span><br>Date: ma 10 mrt 2025 om 09:00<br>'
    "Subject: betaling<br>To:  &lt;jan@x.nl&gt;<br></div><br><br>Wij betalen.</div></div>",
    "Thunderbird": '<p>Zie hieronder</p><div class="moz-forward-container"><br>-------- Doorgestuurd bericht --------<table class="moz-email-headers-table"><tbody>'
    "<tr><th>Onderwerp: </th><td>betaling</td></tr><tr><th>Datum: </th><td>Mon, 10 Mar 2025 09:00:00 +0100</td></tr><tr><th>Van: </th><td>AR &lt;ar@kabel.nl&gt;</td></tr>"
    "<tr><th>Aan: </th><td>jan@x.nl</td></tr></tbody></table><br>Wij betalen.</div>",
    "Outlook": f'<div>Zie hieronder</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><font>{_OUTLOOK}</font></div><div>Wij betalen.</div>',
}


@pytest.mark.parametrize("html", FORWARDS.values(), ids=FORWARDS.keys())
def test_forward(html: str) -> None:
    text = read(html, "FW: betaling")
    assert text.reply_text == "Zie hieronder"
    assert text.forwarded_from == AR
    assert text.parts[-1].kind is PartKind.FORWARD


def test_answers_between_quotes_in_gmail() -> None:
    text = read(
        '<div dir="ltr">Hoi,<br><div class="gmail_quote"><div class="gmail_attr">On Mon, 10 Mar 2025 at 09:00, AR &lt;ar@kabel.nl&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote" style="border-left:1px solid">Is 123 betaald?</blockquote><div>Ja, vrijdag.</div>'
        '<blockquote class="gmail_quote" style="border-left:1px solid">En 124?</blockquote><div>Nee.</div></div></div>'
    )
    assert text.reply_text == "Hoi,\nJa, vrijdag.\nNee."


def test_a_mail_written_inside_the_signature_is_not_lost() -> None:
    assert "Is vrijdag betaald." in read('<div id="Signature"><p>Is vrijdag betaald.</p></div>').reply_text

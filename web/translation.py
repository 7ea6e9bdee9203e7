"""Interface languages: English msgids in code and templates, translations in `locales/<code>/LC_MESSAGES/messages.po`.

The `.po` files are read once, at start; nothing is compiled to disk. English needs no file.
"""

from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = Path(__file__).parent / "locales"
REGIONS = {"nl": "nl_NL", "en": "en_GB"}
"""Interface language -> whose dates and amounts it shows. A new language is one entry and one folder."""


def N_(msgid: str) -> str:
    """Marks a sentence for translation where it is only named; it is translated where it is shown."""
    return msgid


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface language, with its translations and its way of writing dates and amounts."""

    code: str
    locale: Locale
    translations: NullTranslations

    def _(self, msgid: str, **values: object) -> str:
        """The sentence in this language, with `%(name)s` filled in."""
        sentence = self.translations.gettext(msgid)
        return sentence % values if values else sentence


@cache
def interfaces() -> dict[str, Interface]:
    """Every interface language by its code; the files are read at the first call."""
    return {code: Interface(code, Locale.parse(region), translations(code)) for code, region in REGIONS.items()}


def translations(code: str) -> NullTranslations:
    """The translations of one language; English, which has no file, gives msgids back."""
    path = LOCALES / code / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)

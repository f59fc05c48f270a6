"""What the pages say: gettext catalogues with English as the source; plurals, dates and money as Babel writes them.

The Russian catalogue is `locale/ru/LC_MESSAGES/messages.po`, compiled here when a unit starts: nothing compiled lies about that
could be older than its source. `python -m web.messages` brings it up to date with the pages.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parent / "locale"
BRIEF = "yMMMMEd"  # day, month, year and a short weekday, in the language's own order
MOSCOW = ZoneInfo("Europe/Moscow")
ACCEPTED_CHARACTERS_MAX = 200  # of Accept-Language; browsers send a quarter of it
is_cyrillic = re.compile("[а-яё]", re.IGNORECASE).search


class Speech:
    """One language. `code` is its BCP 47 name, `short` how the switch shows it, `samples` a number for each plural form."""

    def __init__(self, code: str, short: str, locale: Locale, translations: NullTranslations, samples: tuple[int, ...]) -> None:
        self.code = code
        self.short = short
        self.name = str(locale.get_language_name(code)).capitalize()
        self.translations = translations
        self.gettext = translations.gettext
        self.ngettext = translations.ngettext
        self._locale = locale
        self._samples = samples
        self.money = lru_cache(maxsize=4_096)(self._money)

    def _money(self, kopecks: int) -> str:
        """A sum for people, without kopecks where there are none: «3 500 ₽», "1,500.50 ₽"."""
        pattern = "#,##0" if kopecks % 100 == 0 else "#,##0.00"
        return format_decimal(Decimal(kopecks) / 100, pattern, self._locale) + "\u00a0₽"

    def number(self, count: int) -> str:
        """A whole number with its thousands apart: «1 188», "1,188"."""
        return format_decimal(count, "#,##0", self._locale)

    def language_of(self, text: str) -> str | None:
        """The language of what people wrote, None where it is this one or cannot be told: our concerts are announced in Russian."""
        return "ru" if self.code != "ru" and not text.isascii() and is_cyrillic(text) else None

    def forms(self, singular: str, plural: str) -> list[str]:
        """All plural forms of a message, in gettext's order: in English one and many, in Russian one, few and many."""
        return [self.ngettext(singular, plural, number) for number in self._samples]

    def date(self, moment: datetime) -> str:
        """The day in Moscow, with its weekday: «воскресенье, 4 июля 2027 г.»."""
        return format_date(moment.astimezone(MOSCOW), "full", self._locale)

    def moment(self, moment: datetime, *, brief: bool = False) -> str:
        """Day and time in Moscow; with `brief` the weekday is shortened."""
        day = format_skeleton(BRIEF, moment, MOSCOW, locale=self._locale) if brief else self.date(moment)
        at = {"date": day, "time": self.time(moment)}
        return self.gettext("%(date)s, %(time)s Moscow time") % at

    def time(self, moment: datetime) -> str:
        """The time of day in Moscow: 19:00."""
        return format_time(moment, "HH:mm", MOSCOW, self._locale)


def _compiled(code: str) -> Translations:
    """The catalogue of a language, compiled. Fuzzy messages are left out: a guess is not a translation."""
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


LANGUAGES: Mapping[str, Speech] = {
    "ru": Speech("ru", "РУ", Locale("ru"), _compiled("ru"), (1, 2, 5)),
    "en": Speech("en", "EN", Locale("en", "GB"), NullTranslations(), (1, 2)),
}
DEFAULT = "ru"


def speech_of(asked: str | None, remembered: str | None, accepted: str) -> Speech:
    """The language asked for, else the one remembered, else the first of ours in Accept-Language, else Russian."""
    preferred = (part.split(";")[0].strip()[:2].lower() for part in accepted[:ACCEPTED_CHARACTERS_MAX].split(","))
    for wanted in (asked, remembered, *preferred):
        if wanted and wanted in LANGUAGES:
            return LANGUAGES[wanted]
    return LANGUAGES[DEFAULT]

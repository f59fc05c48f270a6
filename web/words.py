"""What the pages say, in Russian and English, and how they write times and money."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

LANGUAGES = {"ru": "Русский", "en": "English"}
MOSCOW = ZoneInfo("Europe/Moscow")
_MONTHS = {
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "title": "Концерты",
        "lead": "Билеты с местами: каждое место продаётся один раз, и видно, какие ещё свободны.",
        "none": "Сейчас ничего не продаётся.",
        "free": "Свободно мест",
        "from": "от",
        "opens": "Продажа откроется",
        "open": "Билеты в продаже",
        "over": "Продажа закончена",
        "unknown": "Свободные места сейчас не видны, обновите страницу.",
        "api": "Описание HTTP API",
        "order": "Заказ",
        "sign_in": "Чтобы увидеть заказ, войдите тем же входом, с которым покупали.",
        "absent": "Такого заказа у вас нет.",
        "absent_page": "Такой страницы нет.",
        "away": "Сейчас магазин недоступен. Ваши места не потеряны, обновите страницу через минуту.",
        "all": "Все концерты",
        "total": "Сумма",
        "places": "Места",
        "held": "Места за вами до",
        "paying": "Ждём ответа платёжной системы. Места за вами до",
        "paid": "Оплата получена, билеты выпускаются.",
        "confirmed": "Оплачено, билеты ваши.",
        "released": "Вы отказались от этого заказа.",
        "expired": "Время вышло, места снова в продаже.",
        "declined": "Оплата не прошла, места снова в продаже.",
        "cancelled": "Заказ отменён.",
        "refund_pending": "Деньги возвращаются.",
        "refund_done": "Деньги возвращены.",
        "refund_failed": "Вернуть деньги пока не удалось, мы этим занимаемся.",
        "language": "Язык",
    },
    "en": {
        "title": "Concerts",
        "lead": "Numbered seats: each is sold once, and you see which are left.",
        "none": "Nothing is on sale at the moment.",
        "free": "Places left",
        "from": "from",
        "opens": "Sale opens",
        "open": "On sale now",
        "over": "The sale is over",
        "unknown": "Free places cannot be told right now, reload the page.",
        "api": "The HTTP API",
        "order": "Order",
        "sign_in": "Sign in as the one who bought to see this order.",
        "absent": "You have no such order.",
        "absent_page": "There is no such page.",
        "away": "The shop cannot be reached right now. Your seats are not lost, reload in a minute.",
        "all": "All concerts",
        "total": "Total",
        "places": "Places",
        "held": "The places are yours until",
        "paying": "Waiting for the payment system. The places are yours until",
        "paid": "Payment received, tickets are being issued.",
        "confirmed": "Paid, the tickets are yours.",
        "released": "You let this order go.",
        "expired": "The time was over, the places are on sale again.",
        "declined": "The payment did not go through, the places are on sale again.",
        "cancelled": "The order was cancelled.",
        "refund_pending": "The money is on its way back.",
        "refund_done": "The money went back.",
        "refund_failed": "The money could not be sent back yet, we are at it.",
        "language": "Language",
    },
}


def language_of(asked: str | None, accepted: str) -> str:
    """The language asked for, else the first of ours in Accept-Language, else Russian."""
    for wanted in (asked or "", *(part.split(";")[0].strip()[:2].lower() for part in accepted[:200].split(","))):
        if wanted in LANGUAGES:
            return wanted
    return "ru"


def when(moment: datetime, language: str) -> str:
    """A moment in Moscow time: «4 июля 2027, 19:00 МСК»."""
    local = moment.astimezone(MOSCOW)
    zone = "МСК" if language == "ru" else "Moscow time"
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M} {zone}"


def rubles(amount: str, language: str) -> str:
    """A decimal amount for people: "3500.00" is «3 500 ₽»."""
    whole, _, kopecks = amount.partition(".")
    grouped = f"{int(whole):,}".replace(",", "\u202f" if language == "ru" else ",")
    cents = ("," if language == "ru" else ".") + kopecks if kopecks.strip("0") else ""
    return f"{grouped}{cents}\u00a0₽"

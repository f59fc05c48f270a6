"""What the pages for people say, in Russian and English."""

from collections.abc import Mapping

from infra.sandbox.ledger import Payment

LANGUAGES = ("ru", "en")

WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "title": "Оплата заказа",
        "brand": "Песочница",
        "sandbox": "Тестовая оплата: деньги не списываются, данные карты не нужны",
        "shop": "Магазин",
        "order": "Заказ",
        "method": "Способ",
        "card": "Банковская карта",
        "sbp": "СБП, по номеру телефона",
        "to_pay": "К оплате",
        "left": "Осталось на оплату",
        "over": "Время магазина вышло. Если оплатить сейчас, места достанутся вам, если они свободны, иначе деньги вернутся.",
        "approve": "Оплатить",
        "decline": "Отказаться",
        "later": "Решить позже",
        "later_hint": "Вы вернётесь в магазин, платёж останется открытым.",
        "back": "Вернуться в магазин",
        "authorised": "Оплата прошла",
        "captured": "Оплата прошла",
        "declined": "Платёж отклонён",
        "cancelled": "Платёж отменён магазином",
        "authorised_more": "Деньги отложены на карте; магазин спишет их, когда выпустит билеты.",
        "captured_more": "Деньги переведены магазину.",
        "declined_more": "Деньги не списаны. Места снова в продаже.",
        "cancelled_more": "Деньги не списаны. Начать оплату заново можно в магазине.",
        "refunded": "Возвращено",
        "missing": "Такого платежа нет",
        "missing_more": "Адрес неполный или платёж начат слишком давно.",
        "languages": "Язык",
    },
    "en": {
        "title": "Pay for your order",
        "brand": "Sandbox",
        "sandbox": "Test payment: no money moves, no card details are needed",
        "shop": "Shop",
        "order": "Order",
        "method": "Method",
        "card": "Bank card",
        "sbp": "SBP, by phone number",
        "to_pay": "To pay",
        "left": "Time left to pay",
        "over": "The shop's time is over. If you pay now, the seats are yours if they are still free; otherwise the money goes back.",
        "approve": "Pay",
        "decline": "Decline",
        "later": "Decide later",
        "later_hint": "You go back to the shop, and the payment stays open.",
        "back": "Back to the shop",
        "authorised": "Payment accepted",
        "captured": "Payment accepted",
        "declined": "Payment declined",
        "cancelled": "The shop has cancelled this payment",
        "authorised_more": "The money is set aside on the card; the shop takes it when it issues the tickets.",
        "captured_more": "The money has gone to the shop.",
        "declined_more": "No money was taken. The seats are on sale again.",
        "cancelled_more": "No money was taken. You can start again in the shop.",
        "refunded": "Sent back",
        "missing": "There is no such payment",
        "missing_more": "The address is incomplete, or the payment was begun too long ago.",
        "languages": "Language",
    },
}


def language_of(chosen: str | None, accepted: str) -> str:
    """The chosen language, else the first of ours in an Accept-Language header (weights are not weighed), else Russian."""
    if chosen in LANGUAGES:
        return chosen
    for part in accepted.lower().split(","):
        language = part.strip()[:2]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def sum_text(kopecks: int, language: str) -> str:
    """A sum of money as people write it: `3 500,00 ₽`, `₽3,500.00`."""
    roubles, rest = divmod(kopecks, 100)
    if language == "en":
        return f"₽{roubles:,}.{rest:02d}"
    return f"{roubles:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") + f",{rest:02d}\N{NO-BREAK SPACE}₽"


def order_text(payment: Payment) -> str:
    """The order's own half of its id, in groups that can be read out."""
    own = payment.order_id.rsplit("-", 1)[-1]
    return " ".join(own[start : start + 5] for start in range(0, len(own), 5)) or payment.order_id

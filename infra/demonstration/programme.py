"""What the demonstration sells: artists and four events, one of each kind of sale. Ensembles are generic, composers long dead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from infra.demonstration.halls import Plan, chamber_hall, club, theatre

ARTISTS: tuple[dict[str, Any], ...] = (
    {
        "name": "Городской симфонический оркестр",
        "occupation": "симфонический оркестр",
        "genre": "классическая музыка",
        "biography": "Большой состав, девяносто музыкантов. В репертуаре — русская симфоническая музыка XIX и начала XX века.",
        "works": [
            {"title": "П. И. Чайковский. Симфония № 6 «Патетическая»", "year": 1893, "kind": "симфония"},
            {"title": "М. П. Мусоргский — М. Равель. «Картинки с выставки»", "year": 1922, "kind": "сюита"},
            {"title": "Н. А. Римский-Корсаков. «Шехеразада»", "year": 1888, "kind": "симфоническая сюита"},
        ],
    },
    {
        "name": "Камерный ансамбль старинной музыки",
        "occupation": "камерный ансамбль",
        "genre": "барокко",
        "biography": "Струнные, клавесин и флейты; играет музыку XVII–XVIII веков на копиях инструментов того времени.",
        "works": [
            {"title": "А. Вивальди. «Времена года»", "year": 1725, "kind": "концерты для скрипки"},
            {"title": "И. С. Бах. Бранденбургский концерт № 5", "year": 1721, "kind": "концерт"},
        ],
    },
    {
        "name": "Струнный квартет филармонии",
        "occupation": "струнный квартет",
        "genre": "камерная музыка",
        "works": [
            {"title": "А. П. Бородин. Квартет № 2 ре мажор", "year": 1881, "kind": "квартет"},
            {"title": "Л. ван Бетховен. Квартет № 14 до-диез минор", "year": 1826, "kind": "квартет"},
        ],
    },
    {"name": "Городской джаз-оркестр", "occupation": "биг-бэнд", "genre": "джаз"},
)


@dataclass(frozen=True, slots=True)
class Showing:
    """An event of the demonstration; times count from the moment it is loaded, prices are roubles by category."""

    title: str
    artists: tuple[str, ...]
    description: str
    city: str
    address: str
    hall: Callable[[], Plan]
    starts_in: timedelta
    opens_in: timedelta
    prices: dict[str, int]
    limit: int | None = None
    more: dict[str, Any] = field(default_factory=dict)


SHOWINGS = (
    Showing(
        "«Патетическая» и «Картинки с выставки»", ("Городской симфонический оркестр",),
        "В первом отделении — Шестая симфония Чайковского, во втором — «Картинки с выставки» Мусоргского в оркестровке Равеля. "
        "Продолжительность 2 часа 10 минут с антрактом.",
        "Москва", "Концертная ул., 5", theatre, timedelta(days=90), timedelta(hours=-1),
        {"Партер": 4500, "Партер, дальние ряды": 3200, "Амфитеатр": 2400, "Балкон": 1200}, limit=8,
    ),
    Showing(
        "Вивальди. «Времена года»", ("Камерный ансамбль старинной музыки",),
        "Четыре скрипичных концерта Вивальди и Пятый Бранденбургский концерт Баха. Продажа откроется через несколько минут: "
        "на этом концерте видно, как она открывается.",
        "Санкт-Петербург", "Набережная ул., 12", chamber_hall, timedelta(days=75), timedelta(minutes=5),
        {"Первые ряды": 3000, "Основной зал": 1800}, limit=4, more={"orphan_rule": True},
    ),
    Showing(
        "Бородин и Бетховен: два квартета", ("Струнный квартет филармонии",),
        "Второй квартет Бородина с его знаменитым Ноктюрном и Четырнадцатый квартет Бетховена, сыгранный без перерывов между частями.",
        "Казань", "Садовая ул., 3", chamber_hall, timedelta(days=330), timedelta(days=60),
        {"Первые ряды": 2600, "Основной зал": 1500}, limit=6,
    ),
    Showing(
        "Ночь свинга", ("Городской джаз-оркестр",),
        "Танцевальная программа 1930-х годов: танцпол без мест, терраса и нумерованные места на галерее. Сбор гостей за час до начала.",
        "Москва", "Канальная ул., 8", club, timedelta(days=70), timedelta(minutes=-10),
        {"Танцпол": 1500, "Терраса": 2800, "Галерея": 2200},
    ),
)  # fmt: skip

"""The demonstration's halls: drawn by rule, after real Russian halls.

Each number that was taken from a publication names it; what no publication told is called an estimate. The halls bear
names of their own: they are like their models, they are not their plans.
"""

from collections.abc import Callable
from dataclasses import dataclass

from infra.halls.arena import Arena, Standing
from infra.halls.club import Club
from infra.halls.drawing import Plan
from infra.halls.theatre import Boxes, Rows, Theatre

ESTIMATE = "estimated"


@dataclass(frozen=True, slots=True)
class Figure:
    """What is said of a hall, and where: a publication's title and address, or that it is an estimate."""

    said: str
    source: str = ESTIMATE
    address: str = ""

    def __str__(self) -> str:
        return f"{self.said} ({self.source}{', ' + self.address if self.address else ''})"


@dataclass(frozen=True, slots=True)
class ModelHall:
    """A hall of the demonstration: what it is called, how many places it has in all, which hall it is like, and who says so."""

    title: str
    places: int
    model: str
    figures: tuple[Figure, ...]
    draw: Callable[[str], Plan]

    def plan(self) -> Plan:
        """The plan; the same at every call."""
        return self.draw(self.title)


def _palace(title: str) -> Plan:
    amphitheatre = Rows("Амфитеатр", "A", 296, ("Первые ряды", "Дальние ряды"))
    return Theatre(title, (amphitheatre,), wheelchairs=2, front=16, bend=170).plan()


def _small(title: str) -> Plan:
    stalls = Rows("Партер", "P", 396, ("Партер, первые ряды", "Партер"), aisles=1)
    return Theatre(title, (stalls,), (Boxes("Банкетки", "S", 80, 10, "Банкетка"),), wheelchairs=2, front=20, bend=5).plan()


def _philharmonic(title: str) -> Plan:
    stalls = Rows("Партер", "P", 480, ("Партер, первые ряды", "Партер"))
    first, second = Rows("Первый амфитеатр", "A1", 450), Rows("Второй амфитеатр", "A2", 407)
    balcony = Boxes("Балкон", "B", 160, 16)
    return Theatre(title, (stalls, first, second), (balcony,), wheelchairs=4, front=26, bend=60, width=56).plan()


def _opera(title: str) -> Plan:
    stalls, amphitheatre = Rows("Партер", "P", 540, ("Партер, первые ряды", "Партер")), Rows("Амфитеатр", "A", 280)
    tiers = (
        Boxes("Бенуар", "B", 120, 14), Boxes("Бельэтаж", "M", 130, 15), Boxes("1-й ярус", "L1", 140, 16), Boxes("2-й ярус", "L2", 146, 16),
    )  # fmt: skip
    upper = Rows("3-й ярус", "L3", 180), Rows("4-й ярус", "L4", 196)
    return Theatre(title, (stalls, amphitheatre), tiers, upper, wheelchairs=4, front=30, bend=50, width=44).plan()


def _club(title: str) -> Plan:
    return Club(title, 2_000, ("Фан-зона", "Танцпол"), (1, 4), gallery=160, tables=24, table_seats=6, wheelchairs=4).plan()


def _arena(title: str) -> Plan:
    return Arena(title, 23_000, (Standing("Фан-зона", 1_000), Standing("Танцпол", 2_500)), floor_seats=500, wheelchairs=50).plan()


HALLS = {
    "palace": ModelHall(
        "Дворцовый театр", 300, "the Hermitage Theatre, Saint Petersburg",
        (
            Figure("three hundred places", "Яндекс Афиша, «Эрмитажный театр»",
                   "https://afisha.yandex.ru/saint-petersburg/theatre/places/ermitazhnyi-teatr"),
            Figure("semicircular rows that rise as an amphitheatre", "Visit Petersburg, «Hermitage Theatre»",
                   "https://visit-petersburg.ru/en/leisure/194390/"),
            Figure("two aisles, rows of 16 to 38, two places for wheelchairs"),
        ),
        _palace,
    ),
    "small": ModelHall(
        "Малый зал филармонии", 480, "the Glinka Hall of the Saint Petersburg Philharmonia",
        (
            Figure("480 places", "Музыкальная энциклопедия, «Малый зал имени М. И. Глинки»",
                   "https://terminy.info/literature/music-encyclopedia/malyy-zal-imeni-m-i-glinki"),
            Figure("no balcony; besides the rows, benches around the hall", "v4.ru, «Малый зал Санкт-Петербургской филармонии»",
                   "https://v4.ru/catalog/a/afisha/concert/10451999"),
            Figure("80 places on the benches, one aisle, two places for wheelchairs"),
        ),
        _small,
    ),
    "philharmonic": ModelHall(
        "Большой концертный зал", 1_505, "the Tchaikovsky Concert Hall, Moscow",
        (
            Figure("1,505 places", "Московская филармония, «Концертный зал имени П. И. Чайковского»",
                   "https://dev.meloman.ru/hall/koncertnyj-zal-chajkovskogo"),
            Figure("an auditorium in the shape of an amphitheatre", "Welcome 2018, «Tchaikovsky Concert Hall»",
                   "http://welcome2018.com/en/places/moscow/105777/"),
            Figure("a first amphitheatre behind the stalls", "Flamp, «Концертный зал им. П. И. Чайковского», a visitor's account",
                   "https://moscow.flamp.ru/firm/koncertnyjj_zal_im_p_i_chajjkovskogo-4504127908814675/otzyv-4190944"),
            Figure("480 in the stalls, 450 and 407 in two amphitheatres, 160 on the balcony, four places for wheelchairs"),
        ),
        _philharmonic,
    ),
    "opera": ModelHall(
        "Театр оперы и балета", 1_740, "the historic stage of the Bolshoi Theatre, Moscow",
        (
            Figure("1,740 places since the restoration", "Дунбэйван, «Имперское величие Большого театра», 12.10.2011",
                   "http://russian.dbw.cn/system/2011/10/12/000409975_06.shtml"),
            Figure("boxes of the baignoire beside the stalls, a bel-étage", "«Сколько сцен в Большом театре»", "https://blogbaster.org/bolshoi-teatr/"),
            Figure("above the bel-étage the first tier, the fourth one is the highest", "Дзен, an account of a visit, part two",
                   "https://dzen.ru/a/YXgGUdx5nkslX9SA"),
            Figure("how many sit in each part, the number of boxes, the third and fourth tier as balconies, four places for wheelchairs"),
        ),
        _opera,
    ),
    "club": ModelHall(
        "Клуб на набережной", 2_000, "Glavclub, Saint Petersburg",
        (
            Figure("two thousand people", "Собака.ru, interview at its opening", "https://sobaka.ru/rnd/oldmagazine/aperitiv/3810"),
            Figure("a floor to dance and a balcony (its summer stage)", "iPetersburg, «На Крестовском острове откроется летняя сцена»",
                   "http://www.ipetersburg.ru/blog/na-krestovskom-ostrove-otkroetsya-letnyaya-scena-kluba-glavclub/"),
            Figure("160 seats on the gallery, 24 tables of six, a fifth of the floor as a fan zone, four places for wheelchairs"),
        ),
        _club,
    ),
    "arena": ModelHall(
        "Ледовая арена", 23_000, "SKA Arena, Saint Petersburg",
        (
            Figure("23 thousand at concerts, 21.5 thousand at sports", "Дзен, articles on concerts at the arena",
                   "https://dzen.ru/list/sport/koncert-na-arene-ska"),
            Figure("two tiers, besides the boxes", "Спорт день за днём, 26.11.2023",
                   "https://m.sportsdaily.ru/news/stalo-izvestno-kak-vyglyadit-ska-arena-za-dve-nedeli-do-otkrytiya"),
            Figure("a floor of 60 x 26 m", "Wikipedia, «SKA Arena»", "https://en.wikipedia.org/wiki/SKA_Arena"),
            Figure("4,000 of the places on the floor, 500 of these seats; rows and sectors; fifty places for wheelchairs; no boxes"),
        ),
        _arena,
    ),
}  # fmt: skip

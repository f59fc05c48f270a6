"""Every bound of the system, each with its reason; units stand last in the names.

A queue, batch, wait or entry without a bound is an outage that waits for its day (invariant I10). What the Java side
keeps too has the same name in `frontrow.member.rules.Limits`; tests/contract compares both. The assertions at the foot
say which bounds lean on which: change one and the file says what else must move.
"""

# --- the wire -------------------------------------------------------------------------------------------------------

# The first byte of every request, answer, backup message and value.
FORMAT_VERSION = 1

# A batch holds the partition's thread; 256 holds take it about 2 ms, so that no other event of the partition waits long.
BATCH_COMMANDS_MAX = 256

# A batch older than this is refused unread: no late duplicate may outlive the record of the command it repeats.
BATCH_AGE_MS_MAX = 60_000

# A drain is one message and one transaction: about 250 KB and some tens of milliseconds of COPY.
DRAIN_CHANGES_MAX = 2_000

# Due holds that one batch may lapse at its start; with more due, the next batches go on.
LAPSE_ORDERS_MAX = 2_000

# Orders past their payment deadline that one `due` names.
DUE_ORDERS_MAX = 1_000

# Names that one hints answer carries in each of its lists.
HINTS_MAX = 1_000

# --- an order -------------------------------------------------------------------------------------------------------

# api.md: 1-10 different places an order.
ORDER_PLACES_MAX = 10

# A hold lapses, and a payment once started is given, this long (requirement 3.4); --hold-seconds replaces it.
HOLD_MS = 300_000

# How long the provider may take to answer a cancellation at the deadline before the order expires without the answer.
CANCEL_ANSWER_MS_MAX = 15_000

# An ended order stays this long in its entry, so that a repeat of its command is still recognised.
ORDER_RETENTION_MS = 900_000

# An inventory stays in the grid until a day after its event began: who comes late, and money that does, still finds it. Then
# PostgreSQL has all that it knows, and brings it back for whoever asks.
INVENTORY_STAY_MS = 86_400_000

# Tries to take authorised money before an administrator hears that it waits: with their pauses about nine minutes. It goes on.
CAPTURE_TRIES_UNTOLD = 9

# Printable ASCII characters of an Idempotency-Key (api.md).
IDEMPOTENCY_KEY_LENGTH_MAX = 64

# A provider's name, as plug-ins register it.
PROVIDER_LENGTH_MAX = 64

# Ten million roubles for one place: beyond it somebody's finger slipped; it fits the i32 of the wire.
PRICE_KOPECKS_MAX = 1_000_000_000

# --- an inventory ---------------------------------------------------------------------------------------------------

# Orders (live and ended ones still kept) in one entry: 200,000 x 172 bytes are 34 MB, which one migration still copies
# within its pause.
LIVE_ORDERS_MAX = 200_000

# Changes that PostgreSQL has not got yet in one entry; at the bound holds and payments are refused with `full`. Members take theirs
# from GridShape, where a test makes it small.
OUTBOX_CHANGES_MAX = 200_000

# What must not be refused (settle, release, expire) may go on up to this many times the two bounds above.
OVERFLOW_FACTOR = 2

# The whole state of an entry in one answer, for a database that was set back in time: the heap estimate of the fullest one
# (LIVE_ORDERS_MAX x 330 bytes, OUTBOX_CHANGES_MAX x 180, 200,000 sold x 90) is below it. Beyond it a human must help.
WHOLE_BYTES_MAX = 134_217_728

# Latest place changes that an entry remembers for readers who know an older version.
RING_CHANGES_MIN = 256
RING_CHANGES_MAX = 8_192

# The versions of a restored entry begin at milliseconds x this, above every version of its former life.
VERSION_STEPS_PER_MS = 1_000

# Near sell-out the orphan rule rests: fewer free seats of the category than this, or than this share of its seats.
ORPHAN_FREE_SEATS_MIN = 10
ORPHAN_FREE_SHARE_PERCENT_MIN = 5

# --- a seating plan -------------------------------------------------------------------------------------------------

# The largest stadium sold by seat has about that many; a snapshot of it is still one message of 100 KB.
PLAN_SEATS_MAX = 100_000

# A category is one byte on the wire; 255 stays free for "none".
PLAN_CATEGORIES_MAX = 255

# Ten bits of a place number name the area.
PLAN_AREAS_MAX = 1_024

# Twenty bits of a place number name the slot in an area.
AREA_CAPACITY_MAX = 1_048_576

# Place numbers from here on are slots of areas: AREA_PLACE_FIRST | area << AREA_SLOT_BITS | slot.
AREA_PLACE_FIRST = 0x4000_0000
AREA_SLOT_BITS = 20

# Coordinates of a plan, in its own units (pixels in the editor): keeps every score inside an i32.
PLAN_COORDINATE_MAX = 1_000_000

# Names inside a plan (zones, rows, seats, categories, areas): more is not a name.
PLAN_NAME_LENGTH_MAX = 200

# Faults between parts of a plan that are named before the rest is left unsaid: a person mends them one by one.
PLAN_FAULTS_MAX = 100

# Levels of lists and objects in a plan, those of fields that are only kept among them. Editors use about ten; JSON libraries
# give up at 250 or so, each at another number, and a plan that was taken must be written again by all of them.
PLAN_DEPTH_MAX = 100

# Neighbours whose distance is over this multiple of their row's median spacing have an aisle between them.
RUN_GAP_FACTOR = 1.6

# Scores are distances from the stage times this: tenths of a unit decide between equal-looking blocks.
SCORE_SCALE = 10

# --- documents and attempts -----------------------------------------------------------------------------------------

# Refused attempts waiting for the audit writer; at the bound refusals wait, then 503 (decision 17).
ATTEMPTS_RECORDS_MAX = 100_000

# The same while a member is short of memory: in all logs together still six seconds of refusals at a unit's best rate.
ATTEMPTS_RECORDS_SHORT_MAX = 10_000

# The attempts are spread over this many entries, so that one hot event does not make one hot partition of refusals.
ATTEMPTS_LOGS = 8

# --- a member -------------------------------------------------------------------------------------------------------

# How much of a member's old generation may be alive: the rest is for partitions that move, ten at a time and each as bytes and
# as objects (60 MB were seen), and for what goes on while new orders are refused. While more members than the minimum are
# there, less by the share that the others take over when one dies: of three members each may fill 50 %, of two 75 %.
HEAP_LIVE_PERCENT_MAX = 75

# What used memory may grow, dead or alive, before somebody looks how much of it lives; and how far below its bound a member
# that was short must come before it takes orders again. A look is a full collection: 0.2 s per 100 MiB alive.
HEAP_STEP_PERCENT = 5

# How often a member that is short looks whether it still is.
HEAP_LOOK_MS = 5_000

# --- how they lean on each other ------------------------------------------------------------------------------------

I32_MAX = 2**31 - 1

# Ended orders stay longer than the oldest batch that may still repeat their command.
assert ORDER_RETENTION_MS > BATCH_AGE_MS_MAX
# A deadline plus the wait for the provider's last word is over while the order is still known.
assert HOLD_MS + CANCEL_ANSWER_MS_MAX < ORDER_RETENTION_MS
# Money that may come late finds the order it is for: the last hold of an event ended long before its inventory leaves.
assert ORDER_RETENTION_MS < INVENTORY_STAY_MS
# The counts of the wire: u8 places an order and categories, u16 commands, changes, runs of a row and areas.
assert ORDER_PLACES_MAX <= 255
assert PLAN_CATEGORIES_MAX <= 255
assert max(BATCH_COMMANDS_MAX, DRAIN_CHANGES_MAX, DUE_ORDERS_MAX, PLAN_AREAS_MAX) <= 65_535
# Seats and slots of areas cannot meet, and the last slot of the last area is still a positive i32.
assert PLAN_SEATS_MAX <= AREA_PLACE_FIRST
assert AREA_CAPACITY_MAX == 1 << AREA_SLOT_BITS
assert AREA_PLACE_FIRST + PLAN_AREAS_MAX * AREA_CAPACITY_MAX - 1 == I32_MAX
# A price is an i32; the dearest order fits an i64 by far.
assert PRICE_KOPECKS_MAX <= I32_MAX
# Zone + row + seat offsets add up to three coordinates; the stage may be as far on the other side.
assert SCORE_SCALE * 6 * PLAN_COORDINATE_MAX * 2 <= I32_MAX
# A full batch of the largest orders adds fewer changes than the overflow has room for, and a sweep empties in few drains.
assert BATCH_COMMANDS_MAX + LAPSE_ORDERS_MAX < OUTBOX_CHANGES_MAX * (OVERFLOW_FACTOR - 1)
assert DRAIN_CHANGES_MAX * 1_000 >= OUTBOX_CHANGES_MAX
# What grows unseen between two looks fits, too, when a member of three has died: of the old generation, in percent.
assert (HEAP_LIVE_PERCENT_MAX * 2 / 3 + HEAP_STEP_PERCENT) * 3 / 2 < 85
# A batch cannot roll over the whole ring of a large hall: a reader one batch behind gets a delta.
assert BATCH_COMMANDS_MAX * ORDER_PLACES_MAX < RING_CHANGES_MAX
assert RING_CHANGES_MIN <= RING_CHANGES_MAX

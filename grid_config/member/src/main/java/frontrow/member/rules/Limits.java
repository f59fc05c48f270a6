package frontrow.member.rules;

/** The bounds of an inventory; the same names and numbers as in {@code grid_config/limits.py}, where their reasons stand. */
public final class Limits {
    public static final int FORMAT_VERSION = 1;
    public static final int BATCH_COMMANDS_MAX = 256;
    public static final int BATCH_AGE_MS_MAX = 60_000;
    public static final int DRAIN_CHANGES_MAX = 2_000;
    public static final int LAPSE_ORDERS_MAX = 2_000;
    public static final int DUE_ORDERS_MAX = 1_000;
    public static final int HINTS_MAX = 1_000;
    public static final int ORDER_PLACES_MAX = 10;
    public static final int ORDER_RETENTION_MS = 900_000;
    public static final int INVENTORY_STAY_MS = 86_400_000;
    public static final int PROVIDER_LENGTH_MAX = 64;
    public static final int PRICE_KOPECKS_MAX = 1_000_000_000;
    public static final int LIVE_ORDERS_MAX = 200_000;
    public static final int OUTBOX_CHANGES_MAX = 200_000;
    public static final int OVERFLOW_FACTOR = 2;
    public static final int WHOLE_BYTES_MAX = 134_217_728;
    public static final int RING_CHANGES_MIN = 256;
    public static final int RING_CHANGES_MAX = 8_192;
    public static final int VERSION_STEPS_PER_MS = 1_000;
    public static final int ORPHAN_FREE_SEATS_MIN = 10;
    public static final int ORPHAN_FREE_SHARE_PERCENT_MIN = 5;
    public static final int PLAN_SEATS_MAX = 100_000;
    public static final int PLAN_CATEGORIES_MAX = 255;
    public static final int PLAN_AREAS_MAX = 1_024;
    public static final int AREA_CAPACITY_MAX = 1_048_576;
    public static final int AREA_PLACE_FIRST = 0x4000_0000;
    public static final int AREA_SLOT_BITS = 20;
    public static final int ATTEMPTS_RECORDS_MAX = 100_000;
    public static final int ATTEMPTS_RECORDS_SHORT_MAX = 10_000;
    public static final int HEAP_LIVE_PERCENT_MAX = 75;
    public static final int HEAP_STEP_PERCENT = 5;
    public static final int HEAP_LOOK_MS = 5_000;

    /** Attempts of one order whose money went back, as the wire's u8 counts them; the oldest gives way. */
    static final int RETURNED_ATTEMPTS_MAX = 255;

    /** Ended orders that one change takes out: twice what it can add, so that retention keeps up in small steps. */
    static final int RETIRED_PER_CHANGE_MAX = 2;

    private Limits() {
    }
}

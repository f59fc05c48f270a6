package frontrow.member.rules;

/**
 * All places of one event and its terms of sale: the value of one entry of the grid. Belongs to its partition's thread.
 *
 * <p>Made only by {@link Restoration} and {@link InventoryCodec}; changed only by {@link Step}s.
 */
public final class Inventory {
    private static final int BYTES_PER_SEAT = 12;
    private static final int BYTES_PER_ORDER = 330;
    private static final int BYTES_PER_SOLD = 90;
    private static final int BYTES_PER_RECORD = 32;

    private final long incarnation;
    private final Layout layout;
    private final Places places;
    private final Orders orders;
    private final Outbox outbox;
    private final Effects effects = new Effects(this);
    private Terms terms;
    private boolean open;
    private boolean diverged;
    private long seq;
    private long lastAt;
    private Tenure tenure = Tenure.NONE;

    Inventory(long incarnation, Layout layout, Terms terms, long version, Outbox outbox) {
        this.incarnation = incarnation;
        this.layout = layout;
        this.terms = terms;
        this.places = new Places(layout, terms, version);
        this.orders = new Orders();
        this.outbox = outbox;
        this.seq = outbox.lastSeq();
    }

    /** One life of the entry: a random number, new at every restore; never 0. */
    public long incarnation() {
        return incarnation;
    }

    /** Of the latest change. */
    public long seq() {
        return seq;
    }

    /** Everything up to it is in PostgreSQL. */
    public long durableSeq() {
        return outbox.durableSeq();
    }

    public boolean isOpen() {
        return open;
    }

    /** Whether it was found to remember another history than PostgreSQL: shut, until it is dropped and restored. */
    boolean isDiverged() {
        return diverged;
    }

    /** Unix ms of the latest change: no later one is stamped earlier. */
    public long lastAt() {
        return lastAt;
    }

    public Tenure tenure() {
        return tenure;
    }

    /** Of a copy that is chosen among others: what is done to it from now on is later than what any of them has seen. */
    public void begin(Tenure chosen) {
        tenure = chosen;
    }

    /** Whether there are changes that PostgreSQL has not got. */
    public boolean isDirty() {
        return outbox.size() > 0;
    }

    /** Unix ms at which the next hold or payment falls due; {@link Long#MAX_VALUE}: none will. */
    public long nextDueAt() {
        Order held = orders.held().first();
        Order paying = orders.paying().first();
        return Math.min(held == null ? Long.MAX_VALUE : held.deadlineAt(), paying == null ? Long.MAX_VALUE : paying.deadlineAt());
    }

    /** Counts up with every change of a place. */
    public long version() {
        return places.version();
    }

    Layout layout() {
        return layout;
    }

    Terms terms() {
        return terms;
    }

    public Places places() {
        return places;
    }

    public Orders orders() {
        return orders;
    }

    Outbox outbox() {
        return outbox;
    }

    /** An estimate of the heap that one copy takes. */
    long bytesEstimate() {
        return (long) BYTES_PER_SEAT * layout.seats() + (long) BYTES_PER_ORDER * orders.size()
                + (long) BYTES_PER_SOLD * orders.soldCount() + (long) BYTES_PER_RECORD * outbox.size() + outbox.bytes()
                + (long) Integer.BYTES * places.ring().capacity();
    }

    // ---- for Step, Effects, Restoration and InventoryCodec ------------------------------------------------------------

    void apply(Change change, byte[] record) {
        effects.apply(change, record);
    }

    void advance(Change.Head head, byte[] record) {
        seq++;
        lastAt = Math.max(lastAt, head.at());
        outbox.append(record);
    }

    void setTerms(Terms changed) {
        terms = changed;
        places.change(changed);
    }

    void setOpen(boolean nowOpen) {
        open = nowOpen;
    }

    void setDiverged() {
        open = false;
        diverged = true;
    }

    void setLastAt(long at) {
        lastAt = at;
    }
}

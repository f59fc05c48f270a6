package frontrow.member.rules;

/**
 * The encoded changes that PostgreSQL has not got yet, with the chain's id at each: everything in {@code (durable seq, seq]}
 * of the inventory, so that a position is found by counting.
 */
final class Outbox {
    private static final int CAPACITY_MIN = 64;

    private byte[][] records = new byte[CAPACITY_MIN][];
    private long[] ids = new long[CAPACITY_MIN];
    private int head; // index of the first record; the capacity is a power of two
    private int size;
    private long durableSeq;
    private long durableId;
    private long bytes;

    Outbox(long durableSeq, long durableId) {
        this.durableSeq = durableSeq;
        this.durableId = durableId;
    }

    int size() {
        return size;
    }

    /** Of all records together. */
    long bytes() {
        return bytes;
    }

    /** Everything up to it is in PostgreSQL. */
    long durableSeq() {
        return durableSeq;
    }

    long lastSeq() {
        return durableSeq + size;
    }

    /** The chain's id at a seq between the durable one and the last. */
    long idAt(long seq) {
        return seq == durableSeq ? durableId : ids[index(seq)];
    }

    byte[] recordAt(long seq) {
        return records[index(seq)];
    }

    void append(byte[] record) {
        if (size == records.length) {
            grow(2 * size);
        }
        long id = ChangeId.next(idAt(lastSeq()), record);
        size++;
        int at = index(lastSeq());
        records[at] = record;
        ids[at] = id;
        bytes += record.length;
    }

    /** Forgets what is durable. A seq that is not ahead changes nothing. */
    void trim(long seq) {
        if (seq <= durableSeq) {
            return;
        }
        durableId = idAt(seq);
        for (long gone = durableSeq + 1; gone <= seq; gone++) {
            bytes -= records[head].length;
            records[head] = null;
            head = (head + 1) & (records.length - 1);
            size--;
        }
        durableSeq = seq;
        if (size == 0 && records.length > CAPACITY_MIN) {
            // A rush must not keep its room for the rest of the sale.
            records = new byte[CAPACITY_MIN][];
            ids = new long[CAPACITY_MIN];
            head = 0;
        }
    }

    void write(WireWriter out) {
        out.i64(durableSeq).i64(durableId).i32(size);
        for (long seq = durableSeq + 1; seq <= lastSeq(); seq++) {
            out.blob(recordAt(seq));
        }
    }

    static Outbox read(WireReader in) {
        Outbox outbox = new Outbox(in.i64(), in.i64());
        int count = in.count(Integer.BYTES);
        for (int index = 0; index < count; index++) {
            outbox.append(in.blob());
        }
        return outbox;
    }

    private int index(long seq) {
        return (int) (head + seq - durableSeq - 1) & (records.length - 1);
    }

    private void grow(int capacity) {
        byte[][] moreRecords = new byte[capacity][];
        long[] moreIds = new long[capacity];
        for (int at = 0; at < size; at++) {
            int from = (head + at) & (records.length - 1);
            moreRecords[at] = records[from];
            moreIds[at] = ids[from];
        }
        records = moreRecords;
        ids = moreIds;
        head = 0;
    }
}

package frontrow.member.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;
import frontrow.member.rules.WireWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Refused attempts on their way to the audit database, numbered, until the pump acknowledges them. Changed in place by
 * {@link #append} and {@link #acknowledge}, which cannot fail.
 */
public final class AttemptsLog implements Based, IdentifiedDataSerializable {
    /** Numbers begin at milliseconds times this: what a former life's pump acknowledges late trims nothing of this one. */
    static final long SEQS_PER_MS = 1_000;
    /** Batches remembered by their fingerprint, so that one sent again after a lost answer is not written twice. */
    static final int BATCHES_REMEMBERED = 64;
    private static final byte FORMAT = 2;

    private long life;
    private long step;
    private long nextSeq;
    private Tenure tenure = Tenure.NONE;
    private final ArrayDeque<byte[]> records = new ArrayDeque<>();
    private final LinkedHashMap<Long, Long> lastSeqs = new LinkedHashMap<>(); // fingerprint of a batch -> its last seq

    AttemptsLog() {
    }

    AttemptsLog(long life, long firstSeq) {
        this.life = life;
        this.nextSeq = firstSeq;
    }

    @Override
    public long life() {
        return life;
    }

    @Override
    public long step() {
        return step;
    }

    @Override
    public Tenure tenure() {
        return tenure;
    }

    @Override
    public boolean isNeeded() {
        return size() > 0;
    }

    @Override
    public AttemptsLog ledBy(Tenure by) {
        tenure = by;
        return this;
    }

    long firstSeq() {
        return nextSeq - records.size();
    }

    long lastSeq() {
        return nextSeq - 1;
    }

    int size() {
        return records.size();
    }

    /** The last seq of a batch that was appended lately, or null. */
    Long lastSeqOf(long fingerprint) {
        return lastSeqs.get(fingerprint);
    }

    void append(long fingerprint, List<byte[]> batch) {
        records.addAll(batch);
        nextSeq += batch.size();
        step++;
        lastSeqs.put(fingerprint, lastSeq());
        if (lastSeqs.size() > BATCHES_REMEMBERED) {
            lastSeqs.remove(lastSeqs.keySet().iterator().next());
        }
    }

    void acknowledge(long toSeq) {
        for (long left = Math.min(toSeq, lastSeq()) - firstSeq() + 1; left > 0; left--) {
            records.removeFirst();
        }
        step++;
    }

    /** {@code i64 first_seq | u32 n | n x bytes}: the oldest records, at most that many. */
    byte[] drained(int most) {
        int count = Math.min(most, records.size());
        WireWriter body = new WireWriter(64 + 96 * count).i64(firstSeq()).i32(count);
        Iterator<byte[]> oldest = records.iterator();
        for (int left = count; left > 0; left--) {
            body.blob(oldest.next());
        }
        return body.done();
    }

    /** FNV-1a over a request as it was sent: the same bytes are the same batch, their time is among them. */
    static long fingerprint(byte[] request) {
        long hash = 0xcbf29ce484222325L;
        for (byte each : request) {
            hash = (hash ^ (each & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByte(FORMAT);
        out.writeLong(life);
        out.writeLong(step);
        out.writeLong(nextSeq);
        tenure.write(out);
        out.writeInt(records.size());
        for (byte[] record : records) {
            out.writeByteArray(record);
        }
        out.writeInt(lastSeqs.size());
        for (Map.Entry<Long, Long> batch : lastSeqs.entrySet()) {
            out.writeLong(batch.getKey());
            out.writeLong(batch.getValue());
        }
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        MemberFactory.requireFormat(in.readByte(), FORMAT, "AttemptsLog");
        life = in.readLong();
        step = in.readLong();
        nextSeq = in.readLong();
        tenure = Tenure.read(in);
        for (int left = in.readInt(); left > 0; left--) {
            records.add(in.readByteArray());
        }
        for (int left = in.readInt(); left > 0; left--) {
            lastSeqs.put(in.readLong(), in.readLong());
        }
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.ATTEMPTS_LOG;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AttemptsLog that && life == that.life && step == that.step && nextSeq == that.nextSeq
                && lastSeqs.equals(that.lastSeqs) && Arrays.deepEquals(records.toArray(), that.records.toArray());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(life * 31 + step);
    }
}

package frontrow.member.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Tenure;
import java.io.IOException;
import java.util.Arrays;

/**
 * A small versioned value: an artist, a hall, an event, an account, a claim of a login, a marker. Never changed in place,
 * so that a processor that fails leaves the old one standing. An empty body is a tombstone: gone, but PostgreSQL has not
 * been told yet.
 */
public final class Document implements Based, IdentifiedDataSerializable {
    private static final byte FORMAT = 2;
    private static final byte[] NOTHING = new byte[0];

    private long life;
    private long step;
    private long version;
    private long durableVersion;
    private long expiresAt; // unix ms; 0: stays
    private byte[] body = NOTHING;
    private Tenure tenure = Tenure.NONE;

    Document() {
    }

    Document(long life, long step, long version, long durableVersion, long expiresAt, byte[] body, Tenure tenure) {
        this.life = life;
        this.step = step;
        this.version = version;
        this.durableVersion = durableVersion;
        this.expiresAt = expiresAt;
        this.body = body;
        this.tenure = tenure;
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

    /** What PostgreSQL has comes from there, with the marker that says that all of it has come. */
    @Override
    public boolean isNeeded() {
        return isDirty();
    }

    long version() {
        return version;
    }

    long durableVersion() {
        return durableVersion;
    }

    long expiresAt() {
        return expiresAt;
    }

    byte[] body() {
        return body;
    }

    boolean isOver(long now) {
        return expiresAt != 0 && expiresAt <= now;
    }

    boolean isTombstone() {
        return body.length == 0;
    }

    boolean isDirty() {
        return version > durableVersion;
    }

    Document acknowledged(long durable, Tenure by) {
        return new Document(life, step + 1, version, durable, expiresAt, body, by);
    }

    @Override
    public Document ledBy(Tenure by) {
        return by.equals(tenure) ? this : new Document(life, step, version, durableVersion, expiresAt, body, by);
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByte(FORMAT);
        out.writeLong(life);
        out.writeLong(step);
        out.writeLong(version);
        out.writeLong(durableVersion);
        out.writeLong(expiresAt);
        out.writeByteArray(body);
        tenure.write(out);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        MemberFactory.requireFormat(in.readByte(), FORMAT, "Document");
        life = in.readLong();
        step = in.readLong();
        version = in.readLong();
        durableVersion = in.readLong();
        expiresAt = in.readLong();
        body = in.readByteArray();
        tenure = Tenure.read(in);
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.DOCUMENT;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document that && life == that.life && step == that.step && version == that.version
                && durableVersion == that.durableVersion && expiresAt == that.expiresAt && Arrays.equals(body, that.body) && tenure.equals(that.tenure);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(life * 31 + step);
    }
}

package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;

/** What crosses the grid as one array of bytes and acts where it arrives: processors, their backups' halves, tasks. */
abstract class Parcel implements HazelcastInstanceAware, IdentifiedDataSerializable {
    private final int classId;
    private byte[] bytes;
    private transient HazelcastInstance member;

    /** {@code classId}: of {@link MemberFactory}; {@code bytes} null: they are read. */
    Parcel(int classId, byte[] bytes) {
        this.classId = classId;
        this.bytes = bytes;
    }

    final byte[] bytes() {
        return bytes;
    }

    /** Where it has arrived. */
    final HazelcastInstance member() {
        return member;
    }

    @Override
    public final void setHazelcastInstance(HazelcastInstance member) {
        this.member = member;
    }

    @Override
    public final void writeData(ObjectDataOutput out) throws IOException {
        out.writeByteArray(bytes);
    }

    @Override
    public final void readData(ObjectDataInput in) throws IOException {
        bytes = in.readByteArray();
    }

    @Override
    public final int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public final int getClassId() {
        return classId;
    }
}

package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Tenure;
import java.io.IOException;
import java.util.Map;

/**
 * A copy that a member brings from its time alone, at whoever owns the entry now. While the owner is in {@link Doubt}, the
 * later of both is kept, at the beginning of an era. Asked again it comes to the same copy. Answers whether it was compared.
 */
public final class BroughtProcessor
        implements EntryProcessor<Object, Copy, Boolean>, HazelcastInstanceAware, IdentifiedDataSerializable {
    private Copy brought; // null only where it is decided: there is none any more
    private boolean decided; // by the owner: his backup only takes it
    private transient EntryProcessor<Object, Copy, Boolean> backup;
    private transient HazelcastInstance member;

    BroughtProcessor() {
        this(null, false);
    }

    private BroughtProcessor(Copy brought, boolean decided) {
        this.brought = brought;
        this.decided = decided;
    }

    public static BroughtProcessor of(Copy brought) {
        return new BroughtProcessor(brought, false);
    }

    @Override
    public Boolean process(Map.Entry<Object, Copy> entry) {
        if (!decided && !Doubt.of(member).stands()) {
            return false;
        }
        Copy own = entry.getValue();
        Copy after = decided ? brought : latest(entry.getKey(), own);
        if (after != null || own != null) {
            entry.setValue(after);
        }
        backup = decided ? null : new BroughtProcessor(after, true);
        return true;
    }

    private Copy latest(Object key, Copy own) {
        if (key instanceof String text && DocumentKeys.isMarker(text)) {
            return null; // what PostgreSQL has of these documents comes again: only what it lacks is brought where there is none
        }
        if (own == null && !brought.isNeeded()) {
            return null;
        }
        Copy later = own == null || Copy.isLater(brought, own) ? brought : own;
        return later.ledBy(Tenure.after(own == null ? Tenure.NONE : own.tenure(), brought.tenure()));
    }

    /** Asked for after {@link #process}; null sends nothing. The backup takes what the owner has then. */
    @Override
    public EntryProcessor<Object, Copy, Boolean> getBackupProcessor() {
        return backup;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance instance) {
        member = instance;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByte(Message.FORMAT);
        out.writeBoolean(decided);
        out.writeObject(brought);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        MemberFactory.requireFormat(in.readByte(), Message.FORMAT, "BroughtProcessor");
        decided = in.readBoolean();
        brought = in.readObject();
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.BROUGHT_PROCESSOR;
    }
}

package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.BackupMessage;
import frontrow.member.rules.BaseMismatchException;
import frontrow.member.rules.Inventory;
import java.io.IOException;
import java.util.Map;

/**
 * The backup's half of an {@link InventoryProcessor}: the same steps onto the same state. An exception means "not
 * confirmed": the owner's caller hears <em>unknown</em> and asks again with the same ids.
 */
public final class InventoryBackup
        implements EntryProcessor<Long, InventoryEntry, byte[]>, HazelcastInstanceAware, IdentifiedDataSerializable {
    private byte[] message;
    private transient HazelcastInstance member;

    InventoryBackup() {
    }

    InventoryBackup(byte[] message) {
        this.message = message;
    }

    @Override
    public void setHazelcastInstance(HazelcastInstance member) {
        this.member = member;
    }

    @Override
    public byte[] process(Map.Entry<Long, InventoryEntry> entry) {
        InventoryEntry before = entry.getValue();
        Inventory after;
        try {
            after = BackupMessage.apply(InventoryEntry.inventoryOf(before), message);
        } catch (BaseMismatchException mismatch) {
            throw new BackupMismatchException("event " + entry.getKey() + ": " + mismatch.getMessage());
        }
        if (before != null || after != null) {
            entry.setValue(InventoryEntry.wrap(after, before));
        }
        // Should this copy be promoted, its member knows already what waits.
        InventoryHints.note(member, entry.getKey(), after);
        return null;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByteArray(message);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        message = in.readByteArray();
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.INVENTORY_BACKUP;
    }
}

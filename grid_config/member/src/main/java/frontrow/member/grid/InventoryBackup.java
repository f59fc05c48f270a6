package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import frontrow.member.rules.BackupMessage;
import frontrow.member.rules.BaseMismatchException;
import frontrow.member.rules.Inventory;
import java.util.Map;

/**
 * The backup's half of an {@link InventoryProcessor}: the same steps onto the same state. An exception means "not
 * confirmed": the owner's caller hears <em>unknown</em> and asks again with the same ids.
 */
public final class InventoryBackup extends Parcel implements EntryProcessor<Long, InventoryEntry, byte[]> {

    InventoryBackup() {
        this(null);
    }

    InventoryBackup(byte[] message) {
        super(MemberFactory.INVENTORY_BACKUP, message);
    }

    @Override
    public byte[] process(Map.Entry<Long, InventoryEntry> entry) {
        InventoryEntry before = entry.getValue();
        Inventory after;
        try {
            after = BackupMessage.apply(InventoryEntry.inventoryOf(before), bytes());
        } catch (BaseMismatchException mismatch) {
            throw new BackupMismatchException("event " + entry.getKey() + ": " + mismatch.getMessage());
        }
        if (before != null || after != null) {
            entry.setValue(InventoryEntry.wrap(after, before));
        }
        // Should this copy be promoted, its member knows already what waits.
        InventoryHints.note(member(), entry.getKey(), after);
        return null;
    }
}

package frontrow.member.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.InventoryCodec;
import java.io.IOException;

/**
 * An inventory as Hazelcast's value. The map keeps the object itself: bytes are made only when a partition moves or a copy
 * is resynchronised.
 */
public final class InventoryEntry implements IdentifiedDataSerializable {
    private Inventory inventory;

    InventoryEntry() {
    }

    InventoryEntry(Inventory inventory) {
        this.inventory = inventory;
    }

    static Inventory inventoryOf(InventoryEntry entry) {
        return entry == null ? null : entry.inventory;
    }

    /** The wrapper to store for an inventory (null: none): the same one as long as the inventory is. */
    static InventoryEntry wrap(Inventory inventory, InventoryEntry before) {
        if (inventory == null) {
            return null;
        }
        return inventory == inventoryOf(before) ? before : new InventoryEntry(inventory);
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        InventoryCodec.write(inventory, out);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        inventory = InventoryCodec.read(in);
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.INVENTORY;
    }
}

package frontrow.member.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.InventoryCodec;
import frontrow.member.rules.Tenure;
import java.io.IOException;

/**
 * An inventory as Hazelcast's value. The map keeps the object itself: bytes are made only when a partition moves or a copy
 * is resynchronised.
 */
public final class InventoryEntry implements Copy, IdentifiedDataSerializable {
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

    /** Of two at the same change, the one that knows more to be durable. */
    @Override
    public long[] age() {
        Tenure tenure = tenure();
        return new long[] {tenure.era(), tenure.table(), inventory.seq(), inventory.durableSeq()};
    }

    @Override
    public Tenure tenure() {
        return inventory.tenure();
    }

    @Override
    public InventoryEntry ledBy(Tenure by) {
        inventory.begin(by);
        return this;
    }

    /** It sells on at once, and while PostgreSQL is away. */
    @Override
    public boolean isNeeded() {
        return true;
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

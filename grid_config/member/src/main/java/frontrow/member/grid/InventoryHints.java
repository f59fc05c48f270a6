package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import frontrow.member.rules.Inventory;

/** Notes how an inventory stands in the member's {@link Hints}; owners do so after each call, backups too. */
final class InventoryHints {
    private InventoryHints() {
    }

    static void note(HazelcastInstance member, long event, Inventory inventory) {
        Hints hints = Context.hints(member);
        if (inventory == null) {
            hints.forget(event);
        } else {
            // What falls due while an entry is shut waits until it is open: nobody may be asked about it before.
            hints.inventory(event, inventory.isDirty(), inventory.isOpen() ? inventory.nextDueAt() : Long.MAX_VALUE);
        }
    }
}

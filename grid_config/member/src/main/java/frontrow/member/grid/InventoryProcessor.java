package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import frontrow.member.rules.Batch;
import frontrow.member.rules.Bounds;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.MalformedException;
import frontrow.member.rules.Outcome;
import frontrow.member.rules.Request;
import frontrow.member.rules.Tenure;
import java.util.Map;

/**
 * A batch of commands for one inventory, on the member that owns it: fence, decide, apply, set, answer. The rules are in
 * {@link Batch}; here is only what has to do with the grid.
 *
 * <p>An empty batch asks the owner to note its hints again and is answered null.
 */
public final class InventoryProcessor extends Parcel implements EntryProcessor<Long, InventoryEntry, byte[]> {
    private transient InventoryBackup backup;

    InventoryProcessor() {
        this(null);
    }

    InventoryProcessor(byte[] request) {
        super(MemberFactory.INVENTORY_PROCESSOR, request);
    }

    @Override
    public byte[] process(Map.Entry<Long, InventoryEntry> entry) {
        backup = null;
        long now = Context.clock(member()).getAsLong();
        Request batch;
        try {
            batch = Request.read(bytes());
        } catch (MalformedException malformed) {
            return Batch.refusal(Outcome.UNSUPPORTED, now);
        }
        if (batch.isEmpty()) {
            InventoryHints.note(member(), entry.getKey(), InventoryEntry.inventoryOf(entry.getValue()));
            return null;
        }
        Fence fence = Fence.of(member());
        Tenure.Constellation constellation = fence.constellationOf(entry.getKey()); // before the fence: what it stands on may change at any time
        if (!fence.holds(entry.getKey())) {
            return Batch.refusal(Outcome.UNAVAILABLE, now);
        }
        return run(entry, batch, now, constellation);
    }

    private byte[] run(Map.Entry<Long, InventoryEntry> entry, Request batch, long now, Tenure.Constellation constellation) {
        long event = entry.getKey();
        InventoryEntry before = entry.getValue();
        boolean memoryShort = Context.memory(member()).isShortFor(member(), event);
        Bounds bounds = new Bounds(Context.liveOrdersMax(member()), Context.outboxChangesMax(member()), memoryShort);
        Batch.Result result = Batch.run(event, InventoryEntry.inventoryOf(before), batch, now, bounds, constellation);
        Inventory after = result.inventory();
        if (result.changed()) {
            entry.setValue(InventoryEntry.wrap(after, before));
        }
        if (result.backup() != null) {
            backup = new InventoryBackup(result.backup());
        }
        if (result.wanted()) {
            Context.hints(member()).want(event);
        }
        if (result.fault() != null) {
            member().getLoggingService().getLogger(InventoryProcessor.class)
                    .severe("action=decide_failed event=" + event, result.fault());
        }
        InventoryHints.note(member(), event, after);
        return result.answer();
    }

    /**
     * Asked for twice by Hazelcast, after {@link #process}; null sends nothing. Kept from {@link #process}, because only there
     * is it known what was done.
     */
    @Override
    public EntryProcessor<Long, InventoryEntry, byte[]> getBackupProcessor() {
        return backup;
    }
}

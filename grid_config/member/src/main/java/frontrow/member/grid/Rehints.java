package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import frontrow.member.rules.WireWriter;
import java.util.Map;

/** The processors that change and tell nothing: they only make a member remember what waits in its entries. */
public final class Rehints {
    private Rehints() {
    }

    /** By the name of the map. */
    @SuppressWarnings("unchecked")
    public static Map<String, EntryProcessor<Object, Object, Object>> byMap() {
        Map<String, ? extends EntryProcessor<?, ?, ?>> processors = Map.of(
                "inventory", new InventoryProcessor(new WireWriter(11).u8(Message.FORMAT).i64(0).u16(0).done()),
                "documents", new DocumentProcessor(opOnly(DocumentProcessor.REHINT)),
                "attempts", new AttemptsProcessor(opOnly(AttemptsProcessor.REHINT)));
        return (Map<String, EntryProcessor<Object, Object, Object>>) processors;
    }

    private static byte[] opOnly(int op) {
        return new WireWriter(10).u8(Message.FORMAT).i64(0).u8(op).done();
    }
}

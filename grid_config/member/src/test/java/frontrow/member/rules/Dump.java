package frontrow.member.rules;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Everything an inventory consists of, as lines in a fixed order: equal inventories have equal dumps. */
public final class Dump {
    private Dump() {
    }

    public static List<String> of(Inventory inventory) {
        if (inventory == null) {
            return List.of("nothing");
        }
        List<String> lines = new ArrayList<>();
        lines.add("life " + inventory.incarnation() + " seq " + inventory.seq() + " durable " + inventory.durableSeq() + " open "
                + inventory.isOpen() + " diverged " + inventory.isDiverged() + " at " + inventory.lastAt());
        lines.add("version " + inventory.version() + " live " + inventory.orders().liveCount() + " ended "
                + inventory.orders().endedCount() + " due " + inventory.nextDueAt());
        lines.add("layout " + hex(inventory.layout().encode()));
        WireWriter terms = new WireWriter(64);
        inventory.terms().write(terms);
        lines.add("terms " + hex(terms.done()));
        WireWriter places = new WireWriter(64);
        inventory.places().write(places);
        lines.add("places " + hex(places.done()));
        for (byte state : new byte[] {Places.FREE, Places.HELD, Places.SOLD, Places.CLOSED}) {
            lines.add("count " + (char) state + " " + inventory.places().count(state));
        }
        for (int seat = 0; seat < inventory.layout().seats(); seat++) {
            Order holder = inventory.places().holder(seat);
            if (holder != null) {
                lines.add("seat " + seat + " of " + holder.number());
            }
        }
        Outbox outbox = inventory.outbox();
        lines.add("outbox " + outbox.size() + " bytes " + outbox.bytes());
        for (long seq = outbox.durableSeq(); seq <= outbox.lastSeq(); seq++) {
            lines.add("change " + seq + " id " + outbox.idAt(seq) + (seq > outbox.durableSeq() ? " " + hex(outbox.recordAt(seq)) : ""));
        }
        lines.addAll(orders(inventory));
        return lines;
    }

    private static List<String> orders(Inventory inventory) {
        List<String> lines = new ArrayList<>();
        inventory.orders().forEach(order -> {
            WireWriter out = new WireWriter(256);
            order.write(out);
            lines.add("order " + order.number() + " " + hex(out.done()) + " found " + (inventory.orders().byCommand(order.commandId()) == order)
                    + " account " + inventory.orders().placesOf(order.account()));
        });
        inventory.orders().forEachSold(sold -> {
            WireWriter out = new WireWriter(64);
            sold.write(out);
            lines.add("sold " + sold.number() + " " + hex(out.done()) + " account " + inventory.orders().placesOf(sold.account()));
        });
        lines.sort(null);
        return lines;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

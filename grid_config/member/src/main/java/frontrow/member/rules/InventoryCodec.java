package frontrow.member.rules;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A whole inventory as bytes: what a migration copies. What is forgotten here is lost at every rebalancing, so everything
 * is written save what can be counted again and the ring, which readers can do without.
 */
public final class InventoryCodec {
    private static final int FORMAT = 2;
    private static final int OPEN = 1;
    private static final int DIVERGED = 2;

    private InventoryCodec() {
    }

    public static void write(Inventory inventory, DataOutput out) throws IOException {
        byte[] encoded = encode(inventory);
        out.writeInt(encoded.length);
        out.write(encoded);
    }

    /** Throws IOException for a format that this member does not speak, and for bytes that are no inventory. */
    public static Inventory read(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            throw new IOException("no inventory: " + length + " bytes");
        }
        byte[] encoded = new byte[length];
        in.readFully(encoded);
        try {
            return decode(encoded);
        } catch (MalformedException malformed) {
            throw new IOException("no inventory: " + malformed.getMessage(), malformed);
        }
    }

    static byte[] encode(Inventory inventory) {
        WireWriter out = new WireWriter((int) Math.min(inventory.bytesEstimate() + 1024, 1 << 28));
        out.u8(FORMAT).i64(inventory.incarnation())
                .u8((inventory.isOpen() ? OPEN : 0) | (inventory.isDiverged() ? DIVERGED : 0))
                .i64(inventory.lastAt()).i64(inventory.version()).blob(inventory.layout().encode());
        inventory.tenure().write(out);
        inventory.terms().write(out);
        inventory.outbox().write(out);
        inventory.places().write(out);
        Orders orders = inventory.orders();
        out.i32(orders.size());
        orders.forEach(order -> order.write(out));
        out.i32(orders.soldCount());
        orders.forEachSold(sold -> sold.write(out));
        return out.done();
    }

    static Inventory decode(byte[] encoded) {
        WireReader in = new WireReader(encoded);
        int format = in.u8();
        if (format != FORMAT) {
            throw new MalformedException("format " + format + ", this member speaks " + FORMAT);
        }
        long incarnation = in.i64();
        int flags = in.u8();
        long lastAt = in.i64();
        long version = in.i64();
        Layout layout = Layout.read(in.part());
        Tenure tenure = Tenure.read(in);
        Terms terms = Terms.read(in, layout.categories());
        Inventory inventory = new Inventory(incarnation, layout, terms, version, Outbox.read(in));
        inventory.setLastAt(lastAt);
        inventory.begin(tenure);
        inventory.places().read(in);
        readOrders(inventory, in);
        in.end();
        if ((flags & DIVERGED) != 0) {
            inventory.setDiverged();
        }
        inventory.setOpen((flags & OPEN) != 0);
        return inventory;
    }

    private static void readOrders(Inventory inventory, WireReader in) {
        for (int left = in.count(Order.BYTES_MIN); left > 0; left--) {
            Order order = Order.read(in);
            inventory.orders().add(order);
            if (order.status().isLive()) {
                inventory.places().claim(order);
            }
        }
        for (int left = in.count(Sold.leastBytes()); left > 0; left--) {
            inventory.orders().add(Sold.read(in));
        }
    }
}

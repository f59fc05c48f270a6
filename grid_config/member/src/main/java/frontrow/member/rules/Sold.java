package frontrow.member.rules;

/**
 * A confirmed order, shrunk to what an inventory must not forget of it.
 *
 * @param attempt that paid for it; 0: not known, and then money that comes for it is taken for a repeat
 */
record Sold(long number, long account, long attempt, int[] places) {
    private static final int LEAST_BYTES = 25;

    static Sold of(Order order) {
        return new Sold(order.number(), order.account(), order.attempt(), order.places());
    }

    /** {@code i64 order | i64 account | i64 attempt | u8 n | n×i32 place}, as values, restores and whole states carry it. */
    static Sold read(WireReader in) {
        return new Sold(in.i64(), in.i64(), in.i64(), readPlaces(in));
    }

    static int leastBytes() {
        return LEAST_BYTES;
    }

    void write(WireWriter out) {
        out.i64(number).i64(account).i64(attempt).u8(places.length);
        for (int place : places) {
            out.i32(place);
        }
    }

    byte[] categories(Layout layout) {
        byte[] categories = new byte[places.length];
        for (int index = 0; index < places.length; index++) {
            categories[index] = layout.contains(places[index]) ? (byte) layout.categoryOfPlace(places[index]) : 0;
        }
        return categories;
    }

    /** As a full order: confirmed, its places, and zeros. */
    void writeView(Layout layout, WireWriter out) {
        out.i64(number).i64(account).wide(Wide.ZERO).i64(0).u8(OrderStatus.CONFIRMED.code()).u8(0).i64(0).i64(0).i64(0)
                .i64(0).u8(0).i64(0).i64(0).u8(0).u8(0).text("").i64(0).wide(Wide.ZERO).u8(places.length);
        byte[] categories = categories(layout);
        for (int index = 0; index < places.length; index++) {
            out.i32(places[index]).u8(categories[index]).i32(0);
        }
        out.u8(0);
    }

    private static int[] readPlaces(WireReader in) {
        int[] places = new int[in.u8()];
        for (int index = 0; index < places.length; index++) {
            places[index] = in.i32();
        }
        return places;
    }
}

package frontrow.member.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the members put on the wire, with its fields as they were meant: by file name. */
final class VectorSamples {
    private static final long LARGEST = Long.MAX_VALUE;
    private static final long AT = BoxOffice.START;
    private static final Wide ID = new Wide(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    private static final Wide IP6 = new Wide(0xb80d0120L, 0x0100000000000000L);

    private VectorSamples() {
    }

    static Map<String, List<Vector>> byFile() {
        Map<String, List<Vector>> files = new LinkedHashMap<>();
        files.put("java_changes.json", changes());
        files.put("java_orders.json", orders());
        files.put("java_answers.json", answers());
        files.put("java_refusals.json", refusals());
        return files;
    }

    // ---- changes --------------------------------------------------------------------------------------------------------

    private static List<Vector> changes() {
        List<Vector> vectors = new ArrayList<>();
        vectors.add(change("two seats held", held(0x4000_0001, 5), "command_id", Vector.hex(ID), "fingerprint", -1L,
                "deadline_at", AT + 300_000, "total", 700_000L, "places", List.of(0x4000_0001, 5), "categories", List.of(0, 254),
                "prices", List.of(0, 350_000)));
        vectors.add(change("released", new Change.Ended(head(OrderStatus.RELEASED), Change.RELEASED, 0, "", 0),
                "open_attempt", 0, "provider", "", "method", 0));
        vectors.add(change("released while paying", new Change.Ended(head(OrderStatus.RELEASED), Change.RELEASED, LARGEST, "sandbox", 2),
                "open_attempt", LARGEST, "provider", "sandbox", "method", 2));
        vectors.add(change("expired unanswered", new Change.Ended(head(OrderStatus.EXPIRED), Change.EXPIRED, 7, "касса", 1),
                "open_attempt", 7, "provider", "касса", "method", 1));
        vectors.add(change("payment started", new Change.PaymentStarted(head(OrderStatus.PAYING), 7, 1, "sandbox", AT + 1, 700_000),
                "attempt", 7, "method", 1, "provider", "sandbox", "deadline_at", AT + 1, "total", 700_000));
        vectors.add(change("attempt closed",
                new Change.AttemptClosed(head(OrderStatus.HELD), 7, PaymentResult.CREATE_FAILED, AT + 2),
                "attempt", 7, "result", 7, "deadline_at", AT + 2));
        vectors.add(change("paid", new Change.Paid(head(OrderStatus.PAID), money(PaymentResult.AUTHORISED), false), moneyFields(1, "retaken", 0)));
        vectors.add(change("paid late", new Change.Paid(head(OrderStatus.PAID), money(PaymentResult.CAPTURED), true), moneyFields(2, "retaken", 1)));
        vectors.add(change("declined", new Change.Declined(head(OrderStatus.DECLINED), 7, PaymentResult.CAPTURE_FAILED),
                "attempt", 7, "result", 6));
        for (ReturnReason reason : ReturnReason.values()) {
            vectors.add(change("money returned: " + reason.name().toLowerCase(java.util.Locale.ROOT),
                    new Change.MoneyReturned(head(OrderStatus.EXPIRED), money(PaymentResult.AUTHORISED), reason),
                    moneyFields(1, "reason", reason.ordinal() + 1)));
        }
        vectors.add(change("payment unmatched", new Change.PaymentUnmatched(new Change.Head(9, AT, 8, 0, IP6, 0), money(PaymentResult.CAPTURED)),
                moneyFields(2)));
        byte[] terms = new Hall().row(1, 2).prices(0, Terms.NOT_SOLD, 1_000_000_000).orphanRule().limit(65_535).terms();
        vectors.add(change("terms changed", new Change.TermsChanged(new Change.Head(9, AT, 0, 0, Wide.ZERO, 0), Terms.read(new WireReader(terms), 3)),
                "terms", termsFields()));
        return vectors;
    }

    private static Change.Head head(OrderStatus status) {
        return new Change.Head(9, AT, LARGEST, 2, IP6, status.code());
    }

    private static Change.Held held(int... places) {
        return new Change.Held(head(OrderStatus.HELD), ID, -1, AT + 300_000, 700_000, places, new byte[] {0, (byte) 254}, new int[] {0, 350_000});
    }

    private static Change.Money money(PaymentResult result) {
        return new Change.Money(LARGEST, result, 1_000_000_000_000L, "sandbox", 1);
    }

    private static Object[] moneyFields(int result, Object... more) {
        List<Object> fields = new ArrayList<>(List.of("attempt", LARGEST, "result", result, "amount", 1_000_000_000_000L,
                "provider", "sandbox", "method", 1));
        fields.addAll(List.of(more));
        return fields.toArray();
    }

    private static Map<String, Object> termsFields() {
        return Vector.object("opens_at", 0, "closes_at", 0, "starts_at", LARGEST, "limit", 65_535, "orphan_rule", 1, "on_sale", 1,
                "hold_ms", Hall.HOLD_MS, "prices", List.of(0, -1, 1_000_000_000));
    }

    private static Vector change(String name, Change change, Object... payload) {
        Change.Head head = change.head();
        Map<String, Object> fields = Vector.object("kind", change.kind(), "seq", head.seq(), "at", head.at(), "order", head.order(),
                "account", head.account(), "ip", Vector.hex(head.ip()), "status", head.status());
        fields.putAll(Vector.object(payload));
        return new Vector("change/" + name, change.encode(), fields);
    }

    // ---- orders ---------------------------------------------------------------------------------------------------------

    private static List<Vector> orders() {
        Order order = new Order(held(0x4000_0001, 5));
        order.touch(9);
        List<Vector> vectors = new ArrayList<>(List.of(order("held", order, "status", 1)));
        order.startPayment(LARGEST, 2, "касса", AT + 400_000);
        vectors.add(order("paying", order, "status", 2, "deadline_at", AT + 400_000, "extended", 1, "attempt", LARGEST,
                "attempt_open", 1, "method", 2, "provider", "касса"));
        order.end(OrderStatus.EXPIRED, AT + 400_001, true);
        order.returnMoney(3);
        order.returnMoney(LARGEST);
        vectors.add(order("expired, money returned twice", order, "status", 6, "refund", 1, "deadline_at", 0, "extended", 1,
                "ended_at", AT + 400_001, "attempt", LARGEST, "method", 2, "provider", "касса", "returned_attempts", List.of(3, LARGEST)));
        WireWriter unmatched = new WireWriter(128);
        Order.writeUnmatched(4711, unmatched);
        vectors.add(Vector.of("order/in no record", unmatched.done(), blankOrder("seq", 4711)));
        WireWriter sold = new WireWriter(128);
        new Sold(8, 9, 1, new int[] {1, 0x4000_0000}).writeView(Layout.read(new WireReader(new Hall().row(2).area(1, 3).layout())), sold);
        vectors.add(Vector.of("order/sold", sold.done(), blankOrder("order", 8, "account", 9, "status", 4,
                "places", List.of(1, 0x4000_0000), "categories", List.of(0, 1), "prices", List.of(0, 0))));
        vectors.add(Vector.of("terms/strict", new Hall().row(1, 2).prices(0, Terms.NOT_SOLD, 1_000_000_000).orphanRule().limit(65_535).terms(),
                pairs(termsFields())));
        return vectors;
    }

    private static Vector order(String name, Order order, Object... differences) {
        WireWriter out = new WireWriter(256);
        order.write(out);
        Map<String, Object> fields = Vector.object(blankOrder("order", LARGEST, "account", 2, "command_id", Vector.hex(ID), "fingerprint", -1,
                "seq", 9, "created_at", AT, "held_until", AT + 300_000, "deadline_at", AT + 300_000, "total", 700_000,
                "ip", Vector.hex(IP6), "places", List.of(0x4000_0001, 5), "categories", List.of(0, 254), "prices", List.of(0, 350_000)));
        fields.putAll(Vector.object(differences));
        return new Vector("order/" + name, out.done(), fields);
    }

    private static Object[] blankOrder(Object... differences) {
        String zeros = "0".repeat(32);
        Map<String, Object> fields = Vector.object("order", 0, "account", 0, "command_id", zeros, "fingerprint", 0, "status", 0, "refund", 0,
                "seq", 0, "created_at", 0, "held_until", 0, "deadline_at", 0, "extended", 0, "ended_at", 0, "attempt", 0,
                "attempt_open", 0, "method", 0, "provider", "", "total", 0, "ip", zeros, "places", List.of(), "categories", List.of(),
                "prices", List.of(), "returned_attempts", List.of());
        fields.putAll(Vector.object(differences));
        return pairs(fields);
    }

    private static Object[] pairs(Map<String, Object> fields) {
        List<Object> pairs = new ArrayList<>();
        fields.forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        return pairs.toArray();
    }

    // ---- answers --------------------------------------------------------------------------------------------------------

    private static List<Vector> answers() {
        BoxOffice office = BoxOffice.of(new Hall().row(4).row(2, 1).area(0, 9).prices(100, Terms.NOT_SOLD));
        List<Vector> vectors = new ArrayList<>();
        vectors.add(Vector.of("answer/missing", Batch.refusal(Outcome.MISSING, AT), batch(21, 0, 0, 0, 0, List.of())));
        office.ask(Commands.hold(1, 11, 0), Commands.holdAreas(2, 12, 0, 2));
        long version = AT * 1_000 + 3;
        byte[] request = Commands.batch(AT, Commands.expire(), Commands.hold(3, 13, 4), Commands.readOrder(7, 7));
        byte[] answer = Batch.run(BoxOffice.EVENT, office.owner, Request.read(request), AT, office.bounds, office.constellation).answer();
        vectors.add(Vector.of("answer/three commands", answer, batch(0, Hall.INCARNATION, 2, 0, version,
                List.of(List.of(0, "00000000"), List.of(8, "0104000000"), List.of(3, "")))));

        vectors.add(Vector.of("seats/snapshot", body(office, Commands.readSeats(0, 0)), seats(2, List.of(), "682e2e2e7878")));
        vectors.add(Vector.of("seats/unchanged", body(office, Commands.readSeats(Hall.INCARNATION, version)), seats(0, List.of(), "")));
        vectors.add(Vector.of("seats/delta", body(office, Commands.readSeats(Hall.INCARNATION, AT * 1_000)), seats(1, List.of(List.of(0, 104)), "")));

        Outbox outbox = office.owner.outbox();
        vectors.add(Vector.of("drained/two changes", body(office, Commands.drain(Hall.INCARNATION, 0, 0, 9)), "from_seq", 0, "to_seq", 2,
                "change_id", outbox.idAt(2), "durable_seq", 0, "changes",
                List.of(Vector.hex(outbox.recordAt(1)), Vector.hex(outbox.recordAt(2)))));
        vectors.add(Vector.of("status/open", body(office, Commands.status()), "state", 2, "incarnation", Hall.INCARNATION, "seq", 2,
                "durable_seq", 0, "durable_change_id", 0, "outbox", 2, "live_orders", 2, "ended_orders", 0,
                "bytes_estimate", office.owner.bytesEstimate()));
        vectors.add(Vector.of("status/absent", body(new BoxOffice(), Commands.status()), "state", 0, "incarnation", 0, "seq", 0,
                "durable_seq", 0, "durable_change_id", 0, "outbox", 0, "live_orders", 0, "ended_orders", 0, "bytes_estimate", 0));

        vectors.add(Vector.of("due/none", body(office, Commands.due(9)), "due", List.of()));
        office.ask(Commands.startPayment(1, 11, LARGEST, 2, "касса"));
        office.pass(Hall.HOLD_MS);
        vectors.add(Vector.of("due/one", body(office, Commands.due(9)), "due", List.of(Vector.object("order", 1, "account", 11,
                "attempt", LARGEST, "method", 2, "provider", "касса", "total", 100, "deadline_at", AT + Hall.HOLD_MS))));
        vectors.add(whole());
        vectors.add(Vector.of("lapsed/none", body(office, Commands.expire()), "lapsed", 0));
        return vectors;
    }

    /** An order that is sold, one that is held, and the change of the latter that is not durable. */
    private static Vector whole() {
        BoxOffice office = BoxOffice.of(new Hall().row(4));
        office.buy(8, 0, 1);
        office.makeDurable(8);
        office.pass(Limits.ORDER_RETENTION_MS + 1L);
        office.hold(9, 2);
        Outbox outbox = office.owner.outbox();
        Map<String, Object> held = Vector.object(blankOrder("order", 9, "account", 9, "command_id", Vector.hex(Commands.commandId(9)),
                "fingerprint", 9, "status", 1, "seq", 4, "created_at", office.now, "held_until", office.now + Hall.HOLD_MS,
                "deadline_at", office.now + Hall.HOLD_MS, "total", office.order(9).total(), "ip", Vector.hex(Commands.IP),
                "places", List.of(2), "categories", List.of(0), "prices", List.of((int) office.order(9).total())));
        return Vector.of("whole/sold and held", body(office, Commands.whole()), "seq", 4, "change_id", outbox.idAt(4), "durable_seq", 3,
                "orders", List.of(held), "sold", List.of(Vector.object("order", 8, "account", 8, "attempt", BoxOffice.attempt(8),
                        "places", List.of(0, 1))), "changes", List.of(Vector.hex(outbox.recordAt(4))));
    }

    private static Object[] batch(int status, long incarnation, long seq, long durableSeq, long version, List<Object> outcomes) {
        return new Object[] {"status", status, "incarnation", incarnation, "seq", seq, "durable_seq", durableSeq, "version", version,
            "now", AT, "outcomes", outcomes};
    }

    private static Object[] seats(int form, List<Object> changes, String states) {
        return new Object[] {"form", form, "free", 3, "held", 1, "sold", 0, "closed", 2, "areas_free", List.of(7), "changes", changes,
            "states", states};
    }

    private static List<Vector> refusals() {
        BoxOffice early = BoxOffice.of(new Hall().row(4).opensAt(AT + 5));
        BoxOffice late = BoxOffice.of(new Hall().row(4).closesAt(AT));
        BoxOffice limited = BoxOffice.of(new Hall().row(20).limit(3).orphanRule());
        limited.ask(Commands.hold(1, 9, 0, 1));
        BoxOffice paid = BoxOffice.of(new Hall().row(4));
        paid.buy(1, 0);
        paid.makeDurable();
        return List.of(
                Vector.of("number/sale not open", body(early, Commands.hold(1, 1, 0)), "number", AT + 5),
                Vector.of("number/sale closed", body(late, Commands.hold(1, 1, 0)), "number", AT),
                Vector.of("number/other incarnation", body(paid, Commands.drain(1, 0, 0, 9)), "number", Hall.INCARNATION),
                Vector.of("limit/exceeded", body(limited, Commands.hold(2, 9, 5, 6)), "limit", 3, "held_or_bought", 2),
                Vector.of("places/taken", body(limited, Commands.hold(2, 8, 0, 1, 2)), "places", List.of(0, 1)),
                Vector.of("places/left single", body(limited, Commands.hold(2, 8, 3, 4)), "places", List.of(2)),
                Vector.of("order_status/not payable", body(paid, Commands.startPayment(1, 1, 5)), "status", 3),
                Vector.of("order_status/not releasable", body(paid, Commands.release(1, 1)), "status", 3));
    }

    private static byte[] body(BoxOffice office, byte[] command) {
        return office.ask(command).bodies.get(0);
    }
}

package frontrow.member.rules;

import java.util.Arrays;

/**
 * May these places be held for this account? All of them or none. Refusals in the order of {@link Outcome}; only the
 * question whether the command was heard before comes earlier: a repeat is always answered.
 */
final class HoldRule {
    private final Inventory inventory;
    private final Terms terms;
    private final Layout layout;
    private final Places places;

    private HoldRule(Inventory inventory) {
        this.inventory = inventory;
        this.terms = inventory.terms();
        this.layout = inventory.layout();
        this.places = inventory.places();
    }

    static Decision decide(Inventory inventory, Command.Hold hold, long now, Bounds bounds) {
        return new HoldRule(inventory).decide(hold, now, bounds);
    }

    private Decision decide(Command.Hold hold, long now, Bounds bounds) {
        if (!makesSense(hold)) {
            return Decision.refuse(Outcome.INVALID);
        }
        Order known = inventory.orders().byCommand(hold.commandId());
        if (known != null) {
            boolean same = known.fingerprint() == hold.fingerprint() && known.account() == hold.account();
            return same ? Decision.tell(Outcome.REPEATED, known) : Decision.refuse(Outcome.KEY_REUSED);
        }
        if (inventory.orders().knows(hold.order())) {
            return Decision.refuse(Outcome.INVALID); // the number is another command's: whoever drew it draws again
        }
        Decision refusal = outsideTheSale(hold, now);
        if (refusal != null) {
            return refusal;
        }
        int[] chosen = choose(hold.wish());
        refusal = chosen == null ? Decision.refuse(Outcome.NOT_ENOUGH_SEATS) : notToBeHeld(hold, chosen);
        if (refusal != null) {
            return refusal;
        }
        if (bounds.refuseOrder(inventory)) {
            return Decision.refuse(Outcome.FULL);
        }
        return Decision.accept(held(hold, chosen, now));
    }

    private Decision outsideTheSale(Command.Hold hold, long now) {
        if (!terms.isOpenYet(now)) {
            return Decision.refuse(Outcome.SALE_NOT_OPEN, terms.opensAt());
        }
        if (terms.isOver(now)) {
            return Decision.refuse(Outcome.SALE_CLOSED, terms.closedAt(now));
        }
        int has = inventory.orders().placesOf(hold.account());
        if (terms.limit() > 0 && has + quantity(hold.wish()) > terms.limit()) {
            return Decision.refuse(Outcome.LIMIT_EXCEEDED, (out, after) -> out.u16(terms.limit()).u16(has));
        }
        return null;
    }

    /** Seats that were named may be taken or leave singles; what was chosen here never is or does. */
    private Decision notToBeHeld(Command.Hold hold, int[] chosen) {
        if (!(hold.wish() instanceof Command.Seats)) {
            return null;
        }
        int[] taken = Arrays.stream(chosen).filter(place -> !places.isFree(place)).toArray();
        if (taken.length > 0) {
            return Decision.refuse(Outcome.SEAT_TAKEN, taken);
        }
        int[] singles = terms.orphanRule() ? OrphanRule.leftSingle(layout, places, chosen) : new int[0];
        return singles.length > 0 ? Decision.refuse(Outcome.ORPHAN_SEATS, singles) : null;
    }

    private boolean makesSense(Command.Hold hold) {
        int quantity = quantity(hold.wish());
        if (quantity < 1 || quantity > Limits.ORDER_PLACES_MAX || hold.order() <= 0 || hold.commandId().equals(Wide.ZERO)) {
            return false;
        }
        if (hold.wish() instanceof Command.Seats seats) {
            return areKnown(seats.places()) && areDistinct(seats.places());
        }
        if (hold.wish() instanceof Command.Best best) {
            return best.category() < layout.categories();
        }
        Command.InAreas wish = (Command.InAreas) hold.wish();
        return areDistinct(wish.areas()) && Arrays.stream(wish.areas()).allMatch(area -> area < layout.areas())
                && Arrays.stream(wish.quantities()).allMatch(count -> count > 0);
    }

    private boolean areKnown(int[] chosen) {
        for (int place : chosen) {
            if (!layout.contains(place)) {
                return false;
            }
        }
        return true;
    }

    private static boolean areDistinct(int[] numbers) {
        for (int index = 1; index < numbers.length; index++) {
            for (int before = 0; before < index; before++) {
                if (numbers[index] == numbers[before]) {
                    return false;
                }
            }
        }
        return true;
    }

    private static int quantity(Command.Wish wish) {
        if (wish instanceof Command.Seats seats) {
            return seats.places().length;
        }
        return wish instanceof Command.Best best ? best.quantity() : Arrays.stream(((Command.InAreas) wish).quantities()).sum();
    }

    /** The wished-for places; null when there are not enough. Named ones come back unlooked at. */
    private int[] choose(Command.Wish wish) {
        if (wish instanceof Command.Seats seats) {
            return seats.places();
        }
        if (wish instanceof Command.Best best) {
            return BestAvailable.choose(layout, places, best.category(), best.quantity(), terms.orphanRule());
        }
        return chooseInAreas((Command.InAreas) wish);
    }

    private int[] chooseInAreas(Command.InAreas wish) {
        int[] chosen = new int[quantity(wish)];
        int count = 0;
        for (int index = 0; index < wish.areas().length; index++) {
            int area = wish.areas()[index];
            int quantity = wish.quantities()[index];
            if (places.freeInArea(area) < quantity) {
                return null;
            }
            places.areas().lowestFree(area, quantity, chosen, count);
            count += quantity;
        }
        return chosen;
    }

    private Change.Held held(Command.Hold hold, int[] chosen, long now) {
        byte[] categories = new byte[chosen.length];
        int[] prices = new int[chosen.length];
        long total = 0;
        for (int index = 0; index < chosen.length; index++) {
            int category = layout.categoryOfPlace(chosen[index]);
            categories[index] = (byte) category;
            prices[index] = terms.price(category);
            total += prices[index];
        }
        Change.Head head = new Change.Head(inventory.seq() + 1, now, hold.order(), hold.account(), hold.ip(), OrderStatus.HELD.code());
        return new Change.Held(head, hold.commandId(), hold.fingerprint(), now + terms.holdMs(), total, chosen, categories, prices);
    }
}

package frontrow.member.rules;

import java.util.Arrays;
import java.util.Random;

/** Messages near real ones: bytes changed, cut out and put in, numbers at the edges of what they may be. */
final class Mutation {
    private static final long[] NUMBERS = {
        0, 1, 2, 127, 128, 254, 255, 256, 32_767, 65_535, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x4000_0000L, 0x4000_0001L,
        0xFFFF_FFFFL, Long.MAX_VALUE, Long.MIN_VALUE, -1,
    };

    private Mutation() {
    }

    static byte[] of(byte[] message, Random random) {
        byte[] changed = message;
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            changed = changedOnce(changed, random);
        }
        return changed;
    }

    private static byte[] changedOnce(byte[] message, Random random) {
        if (message.length == 0) {
            return new byte[] {(byte) random.nextInt(256)};
        }
        int at = random.nextInt(message.length);
        return switch (random.nextInt(6)) {
            case 0 -> joined(Arrays.copyOf(message, at), Arrays.copyOfRange(message, Math.min(at + 1 + random.nextInt(8), message.length), message.length));
            case 1 -> joined(Arrays.copyOf(message, at), Arrays.copyOfRange(message, random.nextInt(at + 1), message.length));
            case 2 -> {
                byte[] flipped = message.clone();
                flipped[at] = (byte) random.nextInt(256);
                yield flipped;
            }
            default -> withNumber(message.clone(), at, random);
        };
    }

    private static byte[] withNumber(byte[] message, int at, Random random) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        int size = 1 << random.nextInt(4);
        for (int index = 0; index < size && at + index < message.length; index++) {
            message[at + index] = (byte) (number >>> 8 * index);
        }
        return message;
    }

    private static byte[] joined(byte[] head, byte[] tail) {
        byte[] whole = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, whole, head.length, tail.length);
        return whole;
    }
}

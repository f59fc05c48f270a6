package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import frontrow.member.rules.Tenure;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** A migration copies by writeData: what a value forgets to write is lost at every rebalancing. */
class ValuesTest {
    private static final InternalSerializationService SERIALIZATION =
            new DefaultSerializationServiceBuilder().addDataSerializableFactory(MemberFactory.ID, new MemberFactory()).build();

    @Property(tries = 200)
    void documentsTravelWhole(@ForAll long life, @ForAll long step, @ForAll long version, @ForAll long durable, @ForAll long expiresAt,
            @ForAll byte[] body, @ForAll long tenure) {
        assertTravels(new Document(life, step, version, durable, expiresAt, body, new Tenure(tenure, life, step)));
    }

    @Property(tries = 100)
    void indexesTravelWhole(@ForAll List<@IntRange(min = 1, max = 5) Integer> touched) {
        CatalogueIndex index = new CatalogueIndex(1_000);
        for (int at = 0; at < touched.size(); at++) {
            index.touch(new CatalogueIndex.Name(touched.get(at) % 3 + 1, touched.get(at)), at);
        }
        index.ledBy(new Tenure(3, 4, 5));
        assertTravels(index);
        assertEquals(new Tenure(3, 4, 5), travelled(index).tenure());
        assertEquals(List.copyOf(index.since(0)), List.copyOf(travelled(index).since(0)));
    }

    @Property(tries = 100)
    void logsTravelWhole(@ForAll @Size(max = 100) List<byte[]> batches, @ForAll @IntRange(max = 60) int acknowledged) {
        AttemptsLog log = new AttemptsLog(7, 1_000);
        for (byte[] record : batches) {
            log.append(AttemptsLog.fingerprint(record), List.of(record, record));
        }
        log.acknowledge(1_000 + acknowledged);
        log.ledBy(new Tenure(3, 4, 5));
        assertTravels(log);
        assertEquals(new Tenure(3, 4, 5), travelled(log).tenure());
    }

    @Test
    void everyClassIdMakesItsClass() {
        MemberFactory factory = new MemberFactory();
        for (int id : List.of(1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 20, 21, 22)) {
            assertEquals(id, factory.create(id).getClassId());
            assertEquals(MemberFactory.ID, factory.create(id).getFactoryId());
        }
        assertThrows(IllegalArgumentException.class, () -> factory.create(99));
    }

    private static void assertTravels(Object value) {
        assertEquals(value, travelled(value));
    }

    private static <V> V travelled(V value) {
        return SERIALIZATION.toObject(SERIALIZATION.toBytes(value).length == 0 ? null : SERIALIZATION.toData(value));
    }
}

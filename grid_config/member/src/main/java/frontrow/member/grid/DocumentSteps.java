package frontrow.member.grid;

import frontrow.member.rules.Tenure;
import frontrow.member.rules.WireReader;


/**
 * What an owner did to an entry of the map {@code documents}, as bytes: {@code u8 format | i64 life | i64 step | tenure (3 x i64) |
 * tenure of the sender | u8 type | ...}, life, step and tenure being those it was done onto. Owner and backup apply the same bytes by the same code. Types:
 * 0 barrier; 1 put {@code i64 life, step, version, durable_version, expires_at | bytes body};
 * 2 acknowledge {@code i64 durable_version}; 3 remove; 4 touch {@code i64 start | u8 kind | i64 id, version}.
 */
final class DocumentSteps {
    static final int BARRIER = 0;
    static final int PUT = 1;
    static final int ACKNOWLEDGE = 2;
    static final int REMOVE = 3;
    static final int TOUCH = 4;

    private static final int PUT_SIZE = 96; // bytes besides the body

    private DocumentSteps() {
    }

    static byte[] barrier(Based base, Tenure tenure) {
        return Based.begun(base, tenure, BARRIER, PUT_SIZE).done();
    }

    static byte[] put(Based base, Document put) {
        return Based.begun(base, put.tenure(), PUT, PUT_SIZE + put.body().length)
                .i64(put.life()).i64(put.step()).i64(put.version()).i64(put.durableVersion()).i64(put.expiresAt())
                .blob(put.body()).done();
    }

    static byte[] acknowledge(Based base, Tenure tenure, long durableVersion) {
        return Based.begun(base, tenure, ACKNOWLEDGE, PUT_SIZE).i64(durableVersion).done();
    }

    static byte[] remove(Based base, Tenure tenure) {
        return Based.begun(base, tenure, REMOVE, PUT_SIZE).done();
    }

    /** {@code start}: the first version of the index, should there be none yet. */
    static byte[] touch(Based base, Tenure tenure, long start, CatalogueIndex.Name name, long documentVersion) {
        return Based.begun(base, tenure, TOUCH, PUT_SIZE).i64(start).u8(name.kind()).i64(name.id()).i64(documentVersion).done();
    }

    /** Throws, before anything is touched, when the message was made onto another life, step or tenure than this copy's. */
    static Based checkedAndApplied(Based copy, byte[] message) {
        WireReader in = Based.checked(copy, message);
        return applied(copy, in);
    }

    private static Based applied(Based copy, WireReader in) {
        Tenure tenure = Tenure.read(in);
        return switch (in.u8()) {
            case PUT -> new Document(in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.blob(), tenure);
            case ACKNOWLEDGE -> ((Document) copy).acknowledged(in.i64(), tenure);
            case REMOVE -> null;
            case TOUCH -> touched(copy, tenure, in);
            default -> told(copy, tenure);
        };
    }

    private static Based told(Based copy, Tenure tenure) {
        return copy == null ? null : copy.ledBy(tenure);
    }

    private static CatalogueIndex touched(Based copy, Tenure tenure, WireReader in) {
        long start = in.i64();
        CatalogueIndex index = copy == null ? new CatalogueIndex(start) : (CatalogueIndex) copy;
        index.touch(new CatalogueIndex.Name(in.u8(), in.i64()), in.i64());
        index.ledBy(tenure);
        return index;
    }
}

package topicmark.lab;

import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;

/** Who somebody is, by the listener he came through: a program that is graded, or the lab itself. */
public final class ListenerPrincipal extends DefaultKafkaPrincipalBuilder {
    static final String PROGRAMS = "PROGRAMS";
    static final String PROGRAM = "program";
    private static final String LAB = "lab";

    public ListenerPrincipal() {
        super(null, null);
    }

    @Override
    public KafkaPrincipal build(AuthenticationContext context) {
        return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, PROGRAMS.equals(context.listenerName()) ? PROGRAM : LAB);
    }
}

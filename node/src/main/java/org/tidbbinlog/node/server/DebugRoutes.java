package org.tidbbinlog.node.server;

import java.util.Comparator;
import java.util.Map;

/**
 * What stands in for Go's profiles under {@code /debug/pprof}: those paths say where to look
 * instead, and {@code /debug/threads} shows all stacks. Source: pump section 13.
 */
public final class DebugRoutes {
  private static final String NO_PPROF =
      "no Go profiles here: see /debug/threads for stacks; for profiles use"
          + " jcmd <pid> JFR.start, for the heap jcmd <pid> GC.class_histogram\n";

  private DebugRoutes() {}

  public static HttpRoutes all() {
    return HttpRoutes.builder()
        .get("/debug/pprof", exchange -> HttpReply.text(404, NO_PPROF))
        .get("/debug/pprof/{profile...}", exchange -> HttpReply.text(404, NO_PPROF))
        .get("/debug/threads", exchange -> HttpReply.ok(threads()))
        .build();
  }

  private static String threads() {
    StringBuilder out = new StringBuilder(1 << 16);
    Thread.getAllStackTraces().entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.comparing(Thread::getName)))
        .forEach(
            entry -> {
              out.append('"').append(entry.getKey().getName()).append("\" ");
              out.append(entry.getKey().getState()).append('\n');
              for (StackTraceElement frame : entry.getValue()) {
                out.append("    at ").append(frame).append('\n');
              }
              out.append('\n');
            });
    return out.toString();
  }
}

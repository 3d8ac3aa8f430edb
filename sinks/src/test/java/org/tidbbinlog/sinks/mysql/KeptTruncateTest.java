package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.KeptScene.FIRST;
import static org.tidbbinlog.sinks.mysql.KeptScene.KEPT;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;

/**
 * {@code keep-dropped}: a TRUNCATE that stops anywhere leaves a table with all its foreign keys.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KeptTruncateTest {
  private final TargetServer server = TargetKind.MARIADB.server();
  private final KeptScene scene = new KeptScene(server);

  private void makeFamily() throws InterruptedException {
    scene.apply(
        scene.made(10, FIRST),
        scene.tableMade(11, 81, "parent", "`v` BIGINT PRIMARY KEY"),
        scene.tableMade(
            20,
            71,
            "t",
            "`v` BIGINT PRIMARY KEY, `p` BIGINT, `me` BIGINT, CONSTRAINT `of_parent` FOREIGN KEY"
                + " (`p`) REFERENCES `parent` (`v`), CONSTRAINT `itself` FOREIGN KEY (`me`)"
                + " REFERENCES `t` (`v`)"),
        transaction(30, insert(table(scene.db, "t", "v"), 1)));
  }

  private List<String> familyKeys() {
    return List.of("itself,t,me," + scene.db + ",t", "of_parent,t,p," + scene.db + ",parent");
  }

  private String trigger() {
    return "create trigger "
        + scene.db
        + ".tr before insert on "
        + scene.db
        + ".t for each row set new.v=new.v";
  }

  private void refuse() {
    server.execute(trigger());
    assertThatThrownBy(() -> scene.apply(scene.truncated(40, 71, 72, "t")))
        .hasMessageContaining("TRUNCATE TABLE");
  }

  /** A trigger keeps MariaDB from the swap. */
  @Test
  void refusedTruncate_changesNothingAtTheTable_andGoesOnAfterLongerThanTablesAreKept()
      throws Exception {
    makeFamily();
    refuse();
    assertThat(scene.foreignKeys()).isEqualTo(familyKeys());
    scene.age(25);
    scene.cleanUp();
    server.execute("drop trigger " + scene.db + ".tr");
    scene.apply(scene.truncated(40, 71, 72, "t"));
    assertThat(scene.rows("t")).isEmpty();
    assertThat(scene.foreignKeys()).isEqualTo(familyKeys());
    scene.apply(scene.tableDropped(50, 72, "t"), scene.recovered(60, 71, "t"));
    assertThat(scene.rows("t")).containsExactly("1");
    assertThat(scene.foreignKeys()).as("under other names: it gave them up").hasSize(2);
  }

  /** The note of the foreign keys stands in the register until the new table has them. */
  @Test
  void truncateKilledAfterTheSwap_givesTheForeignKeysInTheNextLife() throws Exception {
    makeFamily();
    refuse();
    String note = server.rows("select hex(foreignKeys) from " + scene.register()).get(0);
    server.execute("drop trigger " + scene.db + ".tr");
    assertThatThrownBy(
            () ->
                scene.apply(
                    (at, statement) -> {
                      if (at == Step.AFTER_STATEMENT) {
                        throw new IllegalStateException("killed");
                      }
                    },
                    scene.truncated(40, 71, 72, "t")))
        .hasMessage("killed");
    server.execute(
        "alter table " + scene.db + ".t drop foreign key itself",
        "update " + scene.register() + " set foreignKeys=unhex('" + note + "')");
    scene.apply(scene.truncated(40, 71, 72, "t"));
    assertThat(scene.foreignKeys()).isEqualTo(familyKeys());
    assertThat(server.rows("select ifnull(foreignKeys,'') from " + scene.register()))
        .containsExactly("");
    assertThat(scene.kept()).hasSize(1);
    assertThat(scene.rows("t")).isEmpty();
  }

  @Test
  void keptTableWhoseForeignKeyNameIsNeededThere_givesItUp_notTheLivingOne() throws Exception {
    makeFamily();
    scene.apply(scene.truncated(40, 71, 72, "t"));
    server.execute(trigger());
    assertThatThrownBy(() -> scene.apply(scene.truncated(50, 72, 73, "t")))
        .hasMessageContaining("TRUNCATE TABLE");
    assertThat(scene.foreignKeys()).isEqualTo(familyKeys());
    server.execute("drop trigger " + scene.db + ".tr");
    scene.apply(scene.truncated(50, 72, 73, "t"));
    assertThat(scene.foreignKeys()).isEqualTo(familyKeys());
    assertThat(scene.kept()).hasSize(2);
    assertThat(server.rows("show tables from " + KEPT + " like '%\\_new'")).isEmpty();
  }
}

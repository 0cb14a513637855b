package org.masquerelay.egress.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.egress.rule.RuleFormatException;
import org.masquerelay.egress.rule.TargetRule;
import org.masquerelay.tunnel.Tenant;

/// What each tenant may reach: one snapshot of the policy file.
///
/// A tenant reaches what its own lines say and nothing else; a tunnel of nobody, or of a tenant
/// without a line, reaches nothing. Immutable.
public final class TenantRules {
    /// A quarter of a gigabyte of memory, if all are unlike each other.
    static final int MAX_RULES = 500_000;

    /// Without a policy file: everybody, and nobody, may reach what the rules for all say.
    public static final TenantRules UNLIMITED = new TenantRules(Map.of(), 0);

    private static final char COMMENT = '#';
    private static final char WILDCARD = '*';

    private final Map<Tenant, TargetTable> tables;
    private final int rules;

    private TenantRules(Map<Tenant, TargetTable> tables, int rules) {
        this.tables = tables;
        this.rules = rules;
    }

    /// Reads lines of tenant, protocol, destination, ports and, if wanted, DSCP, in UTF-8. From a
    /// word that starts with `#` on, the rest of a line is a comment.
    ///
    /// @throws RuleFormatException with the first line that cannot be used
    public static TenantRules parse(byte[] content) throws RuleFormatException {
        var text = text(content);
        var byTenant = new LinkedHashMap<Tenant, List<TargetRule>>();
        int rules = 0;
        int number = 0;
        for (var line : (Iterable<String>) text.lines()::iterator) {
            number++;
            var words = words(line);
            if (words.isEmpty()) {
                continue;
            }
            if (++rules > MAX_RULES) {
                throw new RuleFormatException(
                        number, "there are more than " + MAX_RULES + " rules");
            }
            byTenant.computeIfAbsent(tenant(words.getFirst(), number), _ -> new ArrayList<>(1))
                    .add(rule(words.subList(1, words.size()), number));
        }
        if (rules == 0) {
            throw new RuleFormatException("it has no rules");
        }
        return new TenantRules(compiled(byTenant), rules);
    }

    private static String text(byte[] content) throws RuleFormatException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException _) {
            throw new RuleFormatException("it is not UTF-8");
        }
    }

    private static List<String> words(String line) {
        var words = new ArrayList<String>(5);
        for (var word : line.strip().split("\\s+", -1)) {
            if (word.isEmpty() || word.charAt(0) == COMMENT) {
                break;
            }
            words.add(word);
        }
        return words;
    }

    private static Tenant tenant(String id, int line) throws RuleFormatException {
        if (id.indexOf(WILDCARD) >= 0) {
            throw new RuleFormatException(
                    line,
                    "a * in the tenant would be a rule for others too; a rule is for one tenant,"
                            + " and a * stands in its other columns only");
        }
        if (!Tenant.isValid(id)) {
            throw new RuleFormatException(
                    line, "the tenant is not 1 to 256 printable ASCII characters");
        }
        return new Tenant(id);
    }

    private static TargetRule rule(List<String> columns, int line) throws RuleFormatException {
        try {
            return TargetRule.of(columns);
        } catch (RuleFormatException e) {
            throw new RuleFormatException(line, String.valueOf(e.getMessage()));
        }
    }

    /// Most destinations have the same few protocols and ports, so that these are kept once.
    private static Map<Tenant, TargetTable> compiled(Map<Tenant, List<TargetRule>> byTenant) {
        var shared = new HashMap<PortMap, PortMap>();
        var tables = HashMap.<Tenant, TargetTable>newHashMap(byTenant.size());
        byTenant.forEach((tenant, rules) ->
                tables.put(
                        tenant,
                        TargetTable.of(
                                rules, ports -> shared.computeIfAbsent(ports, same -> same))));
        return tables;
    }

    /// What a tunnel of this tenant may reach; nothing if it may reach nothing.
    Optional<TargetTable> of(Optional<Tenant> tenant) {
        return this == UNLIMITED ? Optional.of(TargetTable.EVERYTHING) : tenant.map(tables::get);
    }

    public int tenants() {
        return tables.size();
    }

    /// How many rules all tenants have together.
    public int rules() {
        return rules;
    }
}

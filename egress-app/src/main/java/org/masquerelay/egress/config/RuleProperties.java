package org.masquerelay.egress.config;

import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.policy.TargetTable;
import org.masquerelay.egress.rule.RuleFormatException;
import org.masquerelay.egress.rule.TargetRule;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What all tunnels may reach.
///
/// @param allow rules for what they may; none for everything
/// @param deny rules for what they may not, even if allowed
public record RuleProperties(
        @DefaultValue @Size(max = MAX_RULES) List<String> allow,
        @DefaultValue @Size(max = MAX_RULES) List<String> deny) {
    private static final int MAX_RULES = 100_000;
    private static final String ROOT = "relay.egress.targets.";

    TargetTable toAllow() {
        return allow.isEmpty() ? TargetTable.EVERYTHING : TargetTable.of(rules("allow", allow));
    }

    TargetTable toDeny() {
        return TargetTable.denying(rules("deny", deny));
    }

    private static List<TargetRule> rules(String list, List<String> texts) {
        var rules = new ArrayList<TargetRule>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                rules.add(TargetRule.parse(texts.get(i)));
            } catch (RuleFormatException e) {
                throw new BadSettingException(
                        ROOT + list + "[" + i + "]",
                        "cannot be used: " + e.getMessage(),
                        "Write a destination such as 10.0.0.0/8, www.example.com or"
                                + " *.example.com, or protocol, destination and ports such as"
                                + " udp 8.8.8.8 53,853");
            }
        }
        return rules;
    }
}

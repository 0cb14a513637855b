package org.masquerelay.http;

import io.netty.channel.EventLoop;
import org.masquerelay.observe.LogId;
import org.masquerelay.observe.Passed;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;

/// Passes every call on to another exchange, for those that add something to a few of them.
public abstract class ForwardingExchange implements TunnelExchange {
    private final TunnelExchange exchange;

    protected ForwardingExchange(TunnelExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public TunnelRequest request() {
        return exchange.request();
    }

    @Override
    public LogId id() {
        return exchange.id();
    }

    @Override
    public void belongsTo(Tenant tenant) {
        exchange.belongsTo(tenant);
    }

    @Override
    public EventLoop eventLoop() {
        return exchange.eventLoop();
    }

    @Override
    public TunnelStream accept(HeaderFields fields) {
        return exchange.accept(fields);
    }

    @Override
    public void refuse(Refusal refusal) {
        exchange.refuse(refusal);
    }

    @Override
    public void abandon() {
        exchange.abandon();
    }

    @Override
    public void ended(Passed passed) {
        exchange.ended(passed);
    }

    @Override
    public void whenAbandoned(Runnable action) {
        exchange.whenAbandoned(action);
    }

    @Override
    public boolean isAbandoned() {
        return exchange.isAbandoned();
    }

    @Override
    public boolean leadsNowhere() {
        return exchange.leadsNowhere();
    }
}

// The members of the parts that facts, commands and states share. FROZEN: names and order. Internal
// to this folder.
#pragma once

#include "migration/amounts.h"
#include "migration/codec_io.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/server.h"

namespace hal9::migration {

template <class Io, Is<RouteAmount> T>
void fields(Io& io, T& x) {
  io("route", x.route);
  io("share", x.share);
  io("mirror", x.mirror);
}
template <class Io, Is<FeatureAmount> T>
void fields(Io& io, T& x) {
  io("feature", x.feature);
  io("percentage", x.percentage);
}
template <class Io, Is<Gate> T>
void fields(Io& io, T& x) {
  io("gate", x.name);
  io("outcome", x.outcome);
  io("evidence", x.evidence);
  io("overridden", x.overridden);
}
template <class Io, Is<RouteLowering> T>
void fields(Io& io, T& x) {
  io("route", x.route);
  io("share_from", x.share_from);
  io("share_to", x.share_to);
  io("mirror_from", x.mirror_from);
  io("mirror_to", x.mirror_to);
  io("ends", x.ends);
}
template <class Io, Is<RollbackPlan> T>
void fields(Io& io, T& x) {
  io("rollback", x.id);
  io("kind", x.kind);
  io("started", x.started);
  io("ends", x.ends);
  io("from_phase", x.from_phase);
  io("to_phase", x.to_phase);
  io("partial", x.partial);
  io("force", x.force);
  io("preserve_data", x.preserve_data);
  io("routes", x.routes);
}
template <class Io, Is<RouteRaise> T>
void fields(Io& io, T& x) {
  io("route", x.route);
  io("share_from", x.share_from);
  io("share_to", x.share_to);
  io("share_begun", x.share_begun);
  io("mirror_from", x.mirror_from);
  io("mirror_to", x.mirror_to);
  io("mirror_begun", x.mirror_begun);
}
template <class Io, Is<RaisePlan> T>
void fields(Io& io, T& x) {
  io("raise", x.id);
  io("phase", x.phase);
  io("started", x.started);
  io("ends", x.ends);
  io("pause_after", x.pause_after);
  io("routes", x.routes);
  io("phase_begun", x.phase_begun);
  io("held_begun", x.held_begun);
}
template <class Io, Is<Server> T>
void fields(Io& io, T& x) {
  io("balancer", x.balancer);
  io("server", x.name);
}
template <class Io, Is<ObjectKept> T>
void fields(Io& io, T& x) {
  io("object", x.object);
  io("bytes", x.bytes);
  io("of", x.of);
}
template <class Io, Is<Hook> T>
void fields(Io& io, T& x) {
  io("hook", x.name);
  io("on", x.on);
  io("phase", x.phase);
  io("command", x.command);
  io("timeout_us", x.timeout);
}
template <class Io, Is<ExternalId> T>
void fields(Io& io, T& x) {
  io("system", x.system);
  io("id", x.id);
}
template <class Io, Is<Balancer> T>
void fields(Io& io, T& x) {
  io("name", x.name);
  io("socket", x.socket);
  io("address", x.address);
  io("maps", x.maps);
  io("elsewhere", x.elsewhere);
  io("master", x.master);
}
template <class Io, Is<HaproxySettings> T>
void fields(Io& io, T& x) {
  io("balancers", x.balancers);
  io("files", x.files);
  io("flat_backend", x.flat_backend);
  io("hierarchical_backend", x.hierarchical_backend);
  io("mirror_backend", x.mirror_backend);
  io("user_key", x.user_key);
  io("route_key", x.route_key);
  io("mirror_listen", x.mirror_listen);
  io("flat_servers", x.flat_servers);
  io("hierarchical_servers", x.hierarchical_servers);
  io("health_path", x.health_path);
}
template <class Io, Is<ExecSettings> T>
void fields(Io& io, T& x) {
  io("command", x.command);
  io("timeout_us", x.timeout);
}
template <class Io, Is<HttpSettings> T>
void fields(Io& io, T& x) {
  io("read_url", x.read_url);
  io("read_pointer", x.read_pointer);
  io("read_value", x.read_value);
  io("set_method", x.set_method);
  io("set_url", x.set_url);
  io("set_body", x.set_body);
  io("content_type", x.content_type);
  io("token_file", x.token_file);
  io("token_header", x.token_header);
  io("ca_file", x.ca_file);
  io("flat_health", x.flat_health);
  io("hierarchical_health", x.hierarchical_health);
  io("timeout_us", x.timeout);
}
template <class Io, Is<WeightPool> T>
void fields(Io& io, T& x) {
  io("backend", x.backend);
  io("routes", x.routes);
  io("flat", x.flat);
  io("hierarchical", x.hierarchical);
}
template <class Io, Is<WeightSettings> T>
void fields(Io& io, T& x) {
  io("pools", x.pools);
  io("state_file", x.state_file);
}
template <class Io, Is<Configuration> T>
void fields(Io& io, T& x) {
  io("name", x.name);
  io("ledger", x.ledger);
  io("router", x.router);
  io("haproxy", x.haproxy);
  io("regions", x.regions);
  io("components", x.components);
  io("features", x.features);
  io("strict_gates", x.strict_gates);
  io("session_grace_us", x.session_grace);
  io("seal_witnesses", x.seal_witnesses);
  io("seal_commands", x.seal_commands);
  io("seal_every", x.seal_every);
  io("seal_within_us", x.seal_within);
  io("exec", x.exec);
  io("http", x.http);
  io("incidents_by", x.incidents_by);
  io("hooks", x.hooks);
  io("weights", x.weights);
}

}  // namespace hal9::migration

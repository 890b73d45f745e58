'use strict';
/*
 * A server on npm's ocpp-rpc in strict mode, which stores nothing: how far there is to go.
 *
 * NODE_PATH=…/node_modules node rpc_server.js PORT
 */
const {RPCServer} = require('ocpp-rpc');

const ACCEPTED = {status: 'Accepted'};
const now = () => new Date().toISOString();
let ids = 0;

const COMMON = {
    BootNotification: () => ({status: 'Accepted', currentTime: now(), interval: 300}),
    Heartbeat: () => ({currentTime: now()}),
    StatusNotification: () => ({}),
};
const HANDLERS = {
    'ocpp1.6': {
        ...COMMON,
        Authorize: () => ({idTagInfo: ACCEPTED}),
        StartTransaction: () => ({transactionId: ++ids, idTagInfo: ACCEPTED}),
        MeterValues: () => ({}),
        StopTransaction: () => ({idTagInfo: ACCEPTED}),
    },
    'ocpp2.0.1': {
        ...COMMON,
        Authorize: () => ({idTokenInfo: ACCEPTED}),
        TransactionEvent: () => ({}),
    },
};

const server = new RPCServer({protocols: Object.keys(HANDLERS), strictMode: true});
server.auth((accept) => accept());
server.on('client', (client) => {
    for (const [action, handler] of Object.entries(HANDLERS[client.protocol])) {
        client.handle(action, handler);
    }
});
server.listen(Number(process.argv[2]), '127.0.0.1');

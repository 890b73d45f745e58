'use strict';
/*
 * A charger by another maker: one whole session in strict mode, where every frame is checked against OCPP's schemas.
 *
 * node charger.js '{"endpoint": "ws://…/ocpp", "identity": "…", "password": "…", "protocol": "ocpp1.6", "token": "…"}'
 *
 * With "script" it plays that instead: [{"say": action, "payload": {…}}, {"until": action, "holding": text, "times": n}, …],
 * where "$transactionId" and "$reservationId" stand for what the server said last.
 *
 * Prints one line of JSON: {"protocol": …, "answers": {action: payload}, "asked": [[action, payload], …], "problems": […]}.
 */
const {RPCClient, createRPCError} = require('ocpp-rpc');

const options = JSON.parse(process.argv[2]);
const answers = {};
const asked = [];
const problems = [];
const waiting = [];
const PATIENCE_MS = 60000;

const client = new RPCClient({
    endpoint: options.endpoint,
    identity: options.identity,
    password: options.password,
    protocols: [options.protocol],
    strictMode: true,
    reconnect: false,
    callTimeoutMs: PATIENCE_MS,
});
client.on('strictValidationFailure', ({method, error}) => problems.push(`${method}: ${error.message}`));
client.on('badMessage', ({error}) => problems.push(`bad message: ${error.message}`));

const COMPOSITE = {chargingRateUnit: 'W', chargingSchedulePeriod: [{startPeriod: 0, limit: 4200}], duration: 900};
const REPLIES = {
    SetChargingProfile: () => ({status: 'Accepted'}),
    ReserveNow: () => ({status: 'Accepted'}),
    CancelReservation: () => ({status: 'Accepted'}),
    ChangeAvailability: () => ({status: 'Scheduled'}),
    UnlockConnector: () => ({status: 'UnlockFailed'}),
    GetCompositeSchedule: () => options.protocol === 'ocpp1.6'
        ? {status: 'Accepted', connectorId: 1, scheduleStart: moment(0), chargingSchedule: COMPOSITE}
        : {status: 'Accepted', schedule: {...COMPOSITE, evseId: 1, scheduleStart: moment(0)}},
};

client.handle(({method, params}) => {
    asked.push([method, params]);
    waiting.splice(0).forEach((wake) => wake());
    if (!(method in REPLIES)) {
        throw createRPCError('NotSupported', 'not in this charger');
    }
    return REPLIES[method]();
});

function moment(minutes) {
    return new Date(Date.UTC(2026, 2, 2, 9, minutes)).toISOString();
}

async function say(action, payload) {
    answers[action] = await client.call(action, payload);
    return answers[action];
}

function calls(action, holding = '') {
    return asked.filter(([name, params]) => name === action && JSON.stringify(params).includes(holding));
}

async function toBeAsked(action, holding = '', times = 1) {
    while (calls(action, holding).length < times) {
        await new Promise((resolve) => waiting.push(resolve));
    }
}

function filled(payload) {
    const [, reservation] = calls('ReserveNow').at(-1) ?? [null, {}];
    const known = {
        '"$transactionId"': answers.StartTransaction?.transactionId,
        '"$reservationId"': reservation.reservationId ?? reservation.id,
    };
    return JSON.parse(JSON.stringify(payload).replace(/"\$\w+"/g, (name) => known[name]));
}

async function play(script) {
    for (const step of script) {
        if (step.until) {
            await toBeAsked(step.until, step.holding, step.times);
        } else {
            await say(step.say, filled(step.payload));
        }
    }
}

async function sessionOf16() {
    await say('BootNotification', {chargePointVendor: 'Elsewhere', chargePointModel: 'Model 16'});
    await say('StatusNotification', {connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp: moment(0)});
    await say('Heartbeat', {});
    await say('Authorize', {idTag: options.token});
    const started = await say('StartTransaction', {
        connectorId: 1, idTag: options.token, meterStart: 1000, timestamp: moment(1),
    });
    await say('MeterValues', {
        connectorId: 1,
        transactionId: started.transactionId,
        meterValue: [{timestamp: moment(11), sampledValue: [
            {value: '1.7', unit: 'kWh'},
            {value: '4200', measurand: 'Power.Active.Import', unit: 'W'},
        ]}],
    });
    await say('StopTransaction', {
        transactionId: started.transactionId, idTag: options.token, meterStop: 2000, timestamp: moment(16),
    });
}

async function sessionOf201() {
    const transactionId = '0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9';
    const idToken = {idToken: options.token, type: 'ISO14443'};
    const event = (eventType, minutes, seqNo, value, context, rest) => say('TransactionEvent', {
        eventType,
        timestamp: moment(minutes),
        triggerReason: 'MeterValuePeriodic',
        seqNo,
        transactionInfo: {transactionId, chargingState: 'Charging'},
        meterValue: [{timestamp: moment(minutes), sampledValue: [
            {value, context, measurand: 'Energy.Active.Import.Register', unitOfMeasure: {unit: 'Wh'}},
        ]}],
        ...rest,
    });
    await say('BootNotification', {
        reason: 'PowerUp', chargingStation: {vendorName: 'Elsewhere', model: 'Model 201'},
    });
    await say('StatusNotification', {evseId: 1, connectorId: 1, connectorStatus: 'Occupied', timestamp: moment(0)});
    await say('Heartbeat', {});
    await say('Authorize', {idToken});
    await event('Started', 1, 0, 1000, 'Transaction.Begin', {idToken, evse: {id: 1, connectorId: 1}});
    await event('Updated', 11, 1, 1700, 'Sample.Periodic', {});
    await event('Ended', 16, 2, 2000, 'Transaction.End', {idToken});
}

async function main() {
    const alarm = setTimeout(() => {
        console.error(`still waiting; asked so far: ${asked.map(([name]) => name)}`);
        process.exit(2);
    }, PATIENCE_MS);
    await client.connect();
    if (options.script) {
        await play(options.script);
    } else {
        await (options.protocol === 'ocpp1.6' ? sessionOf16() : sessionOf201());
    }
    for (const action of options.await ?? []) {
        await toBeAsked(action);
    }
    await client.close({awaitPending: true});
    clearTimeout(alarm);
    console.log(JSON.stringify({protocol: client.protocol, answers, asked, problems}));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});

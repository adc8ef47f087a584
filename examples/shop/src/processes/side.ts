import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Fault,
  ledger,
  type LedgerLine,
  orderMetrics,
  type OrderMetrics,
  idList,
} from '../services/contract.ts';
import type { SideName } from '../sides.ts';
import { type ServiceError, ServiceProcess } from './service-process.ts';

/** The processes of a side: the replica is a second instance of the inventory. */
const services = {
  inventory: 'inventory',
  replica: 'inventory',
  payment: 'payment',
  notification: 'notification',
  order: 'order',
  gateway: 'gateway',
} as const;

/** What a process of a side is called. */
export type ProcessName = keyof typeof services;

/** How a side is set up. */
export interface SideOptions {
  readonly name: SideName;
  /** The folder for the data of its services. */
  readonly dataDir: string;
  /** The file that its policies come from, if it has any. */
  readonly policiesFile: string;
  readonly seed: number;
  readonly onCrash: (error: ServiceError) => void;
}

/** One of the two shops: six processes of its own, wired together. */
export class Side {
  readonly name: SideName;
  private readonly options: SideOptions;
  private readonly processes = new Map<ProcessName, ServiceProcess>();
  private isStopped = false;

  constructor(options: SideOptions) {
    this.name = options.name;
    this.options = options;
  }

  /** Starts the services, those first that others call. */
  async start(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    await Promise.all([
      // One after the other: they share their data, and the first makes it.
      this.launch('inventory').then(() => this.launch('replica')),
      this.launch('payment'),
      this.launch('notification'),
    ]);
    await this.launch('order');
    await this.launch('gateway');
  }

  private get dataDir(): string {
    return join(this.options.dataDir, this.name);
  }

  private async launch(name: ProcessName): Promise<void> {
    if (this.isStopped) return;
    const { name: mode, onCrash, policiesFile, seed } = this.options;
    const service = services[name];
    const { dataDir, urls: peers } = this;
    const setup = { service, name, port: 0, mode, dataDir, policiesFile, seed, peers };
    const process = new ServiceProcess(setup);
    process.onCrash = onCrash;
    this.processes.set(name, process);
    await process.start();
  }

  /** Where customers order. */
  get gatewayUrl(): string {
    return this.process('gateway').url;
  }

  /** The address of each process. */
  get urls(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.processes].map(([name, { url }]) => [name, url]));
  }

  process(name: ProcessName): ServiceProcess {
    const found = this.processes.get(name);
    if (found === undefined) throw new Error(`The process ${name} has not been started.`);
    return found;
  }

  async setFault(name: ProcessName, fault: Fault): Promise<void> {
    const response = await fetch(`${this.process(name).url}/control/fault`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(`${name} refused the fault: ${await response.text()}`);
  }

  async metrics(): Promise<OrderMetrics> {
    return orderMetrics.parse(await this.read('order', '/metrics'));
  }

  async ledger(): Promise<LedgerLine[]> {
    return ledger.parse(await this.read('payment', '/control/ledger'));
  }

  async orders(): Promise<string[]> {
    return idList.parse(await this.read('order', '/control/orders'));
  }

  async receipts(): Promise<string[]> {
    return idList.parse(await this.read('notification', '/control/receipts'));
  }

  private async read(name: ProcessName, path: string): Promise<unknown> {
    const response = await fetch(this.process(name).url + path);
    return response.json();
  }

  /** Ends all its processes, whichever is still there. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.processes.values()].map((process) => process.stop()));
  }
}

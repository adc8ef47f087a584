import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Dependency,
  type Fault,
  ledger,
  type LedgerLine,
  orderMetrics,
  type OrderMetrics,
  idList,
} from '../services/contract.ts';
import type { SideName } from '../sides.ts';
import { type ServiceError, ServiceProcess } from './service-process.ts';

const serviceNames = ['inventory', 'payment', 'notification', 'order', 'gateway'] as const;
type ServiceName = (typeof serviceNames)[number];

/** How a side is set up. */
export interface SideOptions {
  readonly name: SideName;
  /** The folder for the data of its services. */
  readonly dataDir: string;
  readonly seed: number;
  readonly onCrash: (error: ServiceError) => void;
}

/** One of the two shops: five processes of its own, wired together. */
export class Side {
  readonly name: SideName;
  private readonly options: SideOptions;
  private readonly services = new Map<ServiceName, ServiceProcess>();
  private isStopped = false;

  constructor(options: SideOptions) {
    this.name = options.name;
    this.options = options;
  }

  /** Starts the services, those first that others call. */
  async start(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    await Promise.all([
      this.launch('inventory'),
      this.launch('payment'),
      this.launch('notification'),
    ]);
    await this.launch('order');
    await this.launch('gateway');
  }

  private get dataDir(): string {
    return join(this.options.dataDir, this.name);
  }

  private async launch(service: ServiceName): Promise<void> {
    if (this.isStopped) return;
    const { name, onCrash, seed } = this.options;
    const peers = Object.fromEntries([...this.services].map(([peer, { url }]) => [peer, url]));
    const { dataDir } = this;
    const process = new ServiceProcess({ service, port: 0, mode: name, dataDir, seed, peers });
    process.onCrash = onCrash;
    this.services.set(service, process);
    await process.start();
  }

  /** Where customers order. */
  get gatewayUrl(): string {
    return this.service('gateway').url;
  }

  /** The address of each service. */
  get urls(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.services].map(([name, { url }]) => [name, url]));
  }

  service(name: ServiceName): ServiceProcess {
    const found = this.services.get(name);
    if (found === undefined) throw new Error(`The service ${name} has not been started.`);
    return found;
  }

  async setFault(service: Dependency, fault: Fault): Promise<void> {
    const response = await fetch(`${this.service(service).url}/control/fault`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(`${service} refused the fault: ${await response.text()}`);
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

  private async read(service: ServiceName, path: string): Promise<unknown> {
    const response = await fetch(this.service(service).url + path);
    return response.json();
  }

  /** Ends all its services, whoever is still there. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all([...this.services.values()].map((service) => service.stop()));
  }
}

using Tarn.Clients.Harness;

// The clients and the server share the machine: more than two at a time would only wait for each other.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: AssemblyFixture(typeof(ClientServers))]

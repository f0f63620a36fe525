using Tarn.Clients.Harness;

// The clients and the server share the machine: more than two at a time would only wait for each other.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
[assembly: AssemblyFixture(typeof(ClientServers))]
[assembly: AssemblyFixture(typeof(BuiltPackages))]

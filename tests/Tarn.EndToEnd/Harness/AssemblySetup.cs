using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;

[assembly: AssemblyFixture(typeof(Stage))]
[assembly: AssemblyFixture(typeof(ConsoleStage))]

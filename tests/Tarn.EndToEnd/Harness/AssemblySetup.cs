using Tarn.EndToEnd.Harness;

[assembly: AssemblyFixture(typeof(Stage))]

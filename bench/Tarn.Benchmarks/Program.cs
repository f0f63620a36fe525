if (args is ["engines", ..])
{
    await Tarn.Benchmarks.EngineBenchmarks.RunAsync(
        args.Length > 1 ? args[1] : Path.GetTempPath(),
        args.Length > 2 ? double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 5);
    return;
}

if (args is ["integrity", ..])
{
    await Tarn.Benchmarks.IntegrityBenchmarks.RunAsync(
        args.Length > 1 ? args[1] : Path.GetTempPath(),
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 100_000,
        args.Length > 3 ? int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture) : 5);
    return;
}

if (args is ["versions", ..])
{
    await Tarn.Benchmarks.VersionBenchmarks.RunAsync(args.Length > 1 ? args[1] : Path.GetTempPath());
    return;
}

if (args is ["disks", ..])
{
    await Tarn.Benchmarks.DiskBenchmarks.RunAsync(
        args.Length > 1 ? args[1] : Path.GetTempPath(),
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
    return;
}

if (args is ["blocks", ..])
{
    Tarn.Benchmarks.BlockBenchmarks.Run(
        args.Length > 1 ? args[1] : Path.GetTempPath(),
        args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : 300);
    return;
}

if (args is ["hashing", ..])
{
    Tarn.Benchmarks.LaneBenchmarks.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 15);
    return;
}

BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

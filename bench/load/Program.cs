return Tarn.Load.LoadCommand.Run(args);

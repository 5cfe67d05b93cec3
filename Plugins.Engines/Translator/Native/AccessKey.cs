namespace Hospes.Engines.Translator.Native;

/// <summary>What the addresses of a group have in common: origins of base and index, the scale, and what else is added (1 FS, 2 GS, 4 the code's page).</summary>
internal readonly record struct AccessKey(int Base, int Index = 0, int Scale = 0, int Relative = 0);

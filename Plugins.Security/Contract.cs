using Hospes.Sdk.Composition;

[assembly: PluginContract(SdkContract.Version)]

export { KairosApi } from './credentials/KairosApi.credentials';
export { KairosBiometricVerification } from './nodes/KairosBiometricVerification/KairosBiometricVerification.node';
